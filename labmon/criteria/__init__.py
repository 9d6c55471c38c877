"""From a timeline and a protocol to findings: the rules, their thresholds as data, and the sentence saying why."""

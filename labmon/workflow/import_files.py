"""Bring a file into the record: read, plan, commit. Nothing is written before commit; commit writes all or nothing."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from labmon.assays.definition import AssayDefinition
from labmon.assays.derive import DnaInput, derive, dna_inputs
from labmon.assays.make_results import make_results
from labmon.assays.mapping import Mapping as TargetAndSampleMapping
from labmon.assays.mapping import MappingRule
from labmon.domain.actor import Actor
from labmon.domain.analyte import Analyte
from labmon.domain.change_set import ChangedPart, ChangeSet
from labmon.domain.clinical import CLINICAL_FACTS, ClinicalFact, Specimen
from labmon.domain.errors import UserError
from labmon.domain.issue import Issue, Place
from labmon.domain.reading import ClinicalRow, FileReading
from labmon.domain.result import Result, ResultDraft
from labmon.instruments.child import IsolatedReader
from labmon.instruments.options import ReadOptions
from labmon.records.reader import Reader
from labmon.records.study import Study
from labmon.records.writer import NewFact, NewResult
from labmon.workflow.import_plan import Decision, ImportPlan, PlanEntry, PlanState, plan_facts, plan_results

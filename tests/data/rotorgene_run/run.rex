<?xml version="1.0" encoding="utf-8" ?>

<Experiment>
<RexHeader>REX 3.15</RexHeader>
<Notes>first run</Notes>
<Operator>somebody</Operator>
<StartTime>2026-03-04T14:05:30</StartTime>
<FinishTime>2026-03-04T15:40:00</FinishTime>
<ReactionVolume>20</ReactionVolume>
<Samples>
<ConcentrationUnit>copies/ul</ConcentrationUnit>
<Page>
<Name>Page 1</Name>
<Sample>
<ID>1</ID>
<Name>STD 1000</Name>
<Type>1</Type>
<GivenConc>1000</GivenConc>
<Selected>True</Selected>
<TubePosition>1</TubePosition>
</Sample>
<Sample>
<ID>2</ID>
<Name>P-001-D014</Name>
<Type>2</Type>
<GivenConc>0</GivenConc>
<Selected>True</Selected>
<TubePosition>2</TubePosition>
</Sample>
<Sample>
<ID>3</ID>
<Name>NTC</Name>
<Type>3</Type>
<GivenConc>0</GivenConc>
<Selected>True</Selected>
<TubePosition>3</TubePosition>
</Sample>
<Sample>
<ID>4</ID>
<Name>pos</Name>
<Type>5</Type>
<GivenConc>0</GivenConc>
<Selected>True</Selected>
<TubePosition>4</TubePosition>
</Sample>
<Sample>
<ID>5</ID>
<Name></Name>
<Type>2</Type>
<GivenConc>0</GivenConc>
<Selected>True</Selected>
<TubePosition>5</TubePosition>
</Sample>
<Sample>
<ID>6</ID>
<Name></Name>
<Type>0</Type>
<GivenConc>0</GivenConc>
<Selected>True</Selected>
<TubePosition>6</TubePosition>
</Sample>
</Page>
</Samples>
<RawChannels>
<RawChannel>
<Name>Cycling A.Green</Name>
<Reading>.13 .14 .2</Reading>
<Reading>.13 .13 .3</Reading>
</RawChannel>
</RawChannels>
<Profile>
<Cycle>
<RepeatCount>45</RepeatCount>
</Cycle>
</Profile>
</Experiment>

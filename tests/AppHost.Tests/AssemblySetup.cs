// Each run takes both cores while it starts, and some tests measure how long a run takes to end.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

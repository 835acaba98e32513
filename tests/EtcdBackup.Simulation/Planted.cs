namespace EtcdBackup.Simulation;

/// <summary>Faults put in on purpose, to see that each invariant is watched.</summary>
internal enum Planted
{
    Nothing,

    /// <summary>What is removed by rule is the newest backup.</summary>
    RemovesTheNewest,

    /// <summary>What was stored vanishes in the moment in which it is told.</summary>
    LosesWhatItTold,

    /// <summary>After a while no timer fires any more, and no heartbeat comes.</summary>
    StopsTheClock,

    /// <summary>The members answer what they answered at first.</summary>
    AnswersThePast,

    /// <summary>A snapshot that is not sound is taken for a sound one.</summary>
    TakesWhatIsNotSound,

    /// <summary>Where a cluster stands is all that tells whether it was made anew.</summary>
    NotesNoLastPut,

    /// <summary>All work shares one slot, without limits, and an etcd that never answers holds it.</summary>
    SharesOneSlot,

    /// <summary>What a silo's list lacks is unregistered at once.</summary>
    InfersRemoval,

    /// <summary>Of two writers of one state the last one wins.</summary>
    ForgetsConflicts,

    /// <summary>One backup is never listed.</summary>
    HidesABackup,

    /// <summary>A watch tells one change as another.</summary>
    TellsAnother,
}

namespace EtcdBackup.Simulation;

/// <summary>Faults put in on purpose, to see that each invariant is watched.</summary>
internal enum Planted
{
    Nothing,
}

/// <inheritdoc cref="Planted"/>
internal static class Plants
{
    public static void Plant(this Planted planted, World world, Subject subject, SimStateStore states)
    {
        _ = (planted, world, subject, states);
    }
}

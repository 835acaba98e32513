namespace EtcdBackup.Simulation;

/// <content>What takes a while: writing, restoring, being quiet.</content>
internal sealed partial class History
{
    private void WriteForAWhile(SimEtcd etcd, int writes)
    {
        for (var i = 0; i < writes; i++)
        {
            _world.At(_world.Elapsed + TimeSpan.FromMilliseconds(i * 25), _world.Nobody, () => etcd.Write(1));
        }
    }

    private void KeepWriting(TimeSpan? every, TimeSpan end)
    {
        if (every is { } pause && _world.Elapsed < end)
        {
            _subject.Etcd.Write(1);
            _world.At(_world.Elapsed + pause, _world.Nobody, () => KeepWriting(pause, end));
        }
    }

    // Into a cluster that is written to all the time, as on the day of a disaster.
    private void Restore(SimEtcd etcd, int chance, Content? content, bool keepsId)
    {
        if (content is not null)
        {
            etcd.Restore(content, keepsId);
            WriteForAWhile(etcd, chance % 3 == 0 ? chance % 60 : 0);
        }
    }

    // One that was forgotten goes on telling what they all had.
    private void RestoreOthers(SimEtcd etcd, SimMember forgotten, int chance)
    {
        if (etcd.Members.Count > 1 && _subject.Contents(9) is { } content)
        {
            (forgotten.IsCutOff, forgotten.TellsLeader) = (true, chance % 4 == 0);
            etcd.Restore(content, keepsId: true, forgotten);
            WriteForAWhile(etcd, chance % 60);
        }
    }

    // Faults end; writes go on. Within two intervals all must be well.
    private void BeQuiet(int chance)
    {
        _subject.Etcd.Heal();
        _subject.Store.Heal();
        _states.Mood = StoreMood.Well;
        _grains.Join(_subject.Key);
        _files.Heal();
        if (!_subject.IsNamed)
        {
            Name(_subject, 3);
        }

        var (writes, end) = (chance % 16, _world.Elapsed + (2 * Interval) + Invariants.Slack);
        if (writes == 3 && _subject.Contents(1) is { } content)
        {
            _subject.Etcd.Restore(content, keepsId: true);
        }

        if (writes == 5)
        {
            RestoreOthers(_subject.Etcd, _subject.Etcd.Members[^1], chance / 16);
        }

        // A hundred a second: no two looks find the same revision.
        KeepWriting(writes switch { 1 or 3 => TimeSpan.FromMilliseconds(10), >= 9 => TimeSpan.FromSeconds(9), _ => null }, end);
        _world.Run(end - _world.Elapsed);
        _invariants.AfterQuiet(_subject);
        if (_subject.HasLog)
        {
            _invariants.AfterQuietLog(_subject);
        }
    }
}

namespace EtcdBackup.Simulation;

/// <content>What each step does.</content>
internal sealed partial class History
{
    private void Do(Step step)
    {
        if (!DoToEtcd(step) && !DoToStore(step) && !DoToState(step) && !DoToFiles(step) && !DoToSilos(step))
        {
            DoAsPerson(step);
        }
    }

    private bool DoToEtcd(Step step)
    {
        var etcd = _subject.Etcd;
        var member = etcd.Members[step.A % etcd.Members.Count];
        switch (step.Kind)
        {
            case StepKind.Wait: break;
            case StepKind.Write: etcd.Write(1 + (step.A % 3)); break;
            case StepKind.WriteMuch: WriteForAWhile(etcd, step.A % 40); break;
            case StepKind.Elect: etcd.Elect(leases: step.A % 4 == 0 ? step.A % 60 : 0); break;
            case StepKind.Lag: etcd.Replicate(0.8); break;
            case StepKind.CutOff: (member.IsCutOff, member.TellsLeader) = (true, step.A % 2 == 0); break;
            case StepKind.KillMember: member.IsUp = false; break;
            case StepKind.HealMembers: etcd.Heal(); break;
            case StepKind.RestoreInPlace: Restore(etcd, step.A, _subject.Contents(1), keepsId: true); break;
            case StepKind.RestoreOld: Restore(etcd, step.A, _subject.Contents(9), keepsId: true); break;
            case StepKind.RestoreOthers: RestoreOthers(etcd, member, step.A); break;
            case StepKind.RestoreElsewhere: Restore(etcd, step.A, _subject.Contents(3), keepsId: false); break;
            case StepKind.Recreate: etcd.Recreate(keepsId: false); break;
            case StepKind.RecreateSameId: etcd.Recreate(keepsId: true); break;
            case StepKind.Bump: etcd.RestoreWithBump(etcd.Head); break;
            case StepKind.Compact: etcd.Compact(step.A % 8); break;
            case StepKind.Alarm: member.HasCorruptAlarm = true; break;
            case StepKind.Damage: member.IsDamaged = true; break;
            case StepKind.Differ: etcd.Differ(member); break;
            case StepKind.BreakStream: member.IsBreaking = true; break;
            case StepKind.StickEtcd: etcd.IsStuck = true; break;
            default: return false;
        }

        return true;
    }

    private bool DoToStore(Step step)
    {
        var store = _subject.Store;
        switch (step.Kind)
        {
            case StepKind.SlowStore: store.Mood = StoreMood.Slow; break;
            case StepKind.FailStore: store.Mood = StoreMood.Failing; break;
            case StepKind.HangStore: store.Mood = StoreMood.Hanging; break;
            case StepKind.LateListings: store.IsLate = true; break;
            case StepKind.HealStore: store.Heal(); break;
            case StepKind.RotObject: _subject.Harm(step.A, isDocument: false, isLost: false); break;
            case StepKind.RotDocument: _subject.Harm(step.A, isDocument: true, isLost: false); break;
            case StepKind.LoseObject: _subject.Harm(step.A, isDocument: false, isLost: true); break;
            case StepKind.LoseDocument: _subject.Harm(step.A, isDocument: true, isLost: true); break;
            case StepKind.RefuseDeletes: store.RefusesDeletes = true; break;
            case StepKind.IgnoreNames: store.KeepsNames = false; break;
            default: return false;
        }

        return true;
    }

    private bool DoToState(Step step)
    {
        switch (step.Kind)
        {
            case StepKind.FailState: _states.Mood = StoreMood.Failing; break;
            case StepKind.HangState: _states.Mood = StoreMood.Hanging; break;
            case StepKind.HealState: _states.Mood = StoreMood.Well; break;
            case StepKind.LoseState: _states.Lose(_subject.Key.ToString()); break;
            case StepKind.RollBackState: _states.RollBack(_subject.Key.ToString(), 1 + (step.A % 6)); break;
            default: return false;
        }

        _invariants.Forgotten(_subject);
        _invariants.Disturbed(everyone: step.Kind is StepKind.FailState or StepKind.HangState);
        return true;
    }

    private bool DoToFiles(Step step)
    {
        var silo = _grains.Silos[step.A % _grains.Silos.Count].Actor.Name;
        switch (step.Kind)
        {
            case StepKind.OlderFile: _files.Spoil(silo, FileMood.Older, step.A); break;
            case StepKind.SilentFile: _files.Spoil(silo, FileMood.Silent, step.A); break;
            case StepKind.EmptyFile: _files.Spoil(silo, FileMood.Empty, step.A); break;
            case StepKind.NoFile: _files.Spoil(silo, FileMood.Unreadable, step.A); break;
            case StepKind.HealFiles: _files.Heal(); break;
            case StepKind.LoseDirectory: _states.Lose(SimDirectory.Row); _grains.Directory.Kill(); break;
            case StepKind.RollBackDirectory: _states.RollBack(SimDirectory.Row, 1 + (step.A % 6)); _grains.Directory.Kill(); break;
            case StepKind.RestartDirectory: _grains.Directory.Kill(); break;
            default: return false;
        }

        return true;
    }

    private bool DoToSilos(Step step)
    {
        switch (step.Kind)
        {
            case StepKind.Crash:
                _grains.Crash(_grains.Silos[step.A % _grains.Silos.Count]);
                if (_grains.Silos.Count == 0)
                {
                    StartSilo();
                }

                break;
            case StepKind.StartSilo when _grains.Silos.Count < 3: StartSilo(); break;
            case StepKind.StartSilo: break;
            case StepKind.Duplicate: _grains.Duplicate(_subject.Key); break;
            case StepKind.Join: _grains.Join(_subject.Key); break;
            default: return false;
        }

        if (step.Kind is StepKind.Crash)
        {
            _invariants.Forgotten(_subject);
            _invariants.Disturbed(everyone: true);
        }

        return true;
    }

    private void DoAsPerson(Step step)
    {
        switch (step.Kind)
        {
            case StepKind.MaxBackups when _subject.IsNamed: Name(_subject, step.A % 5); break;
            case StepKind.Register: Name(_subject, step.A % 5); break;
            case StepKind.Unname: Unname(_subject); break;
            case StepKind.Remove: Remove(withBackups: false); break;
            case StepKind.RemoveWithBackups: Remove(withBackups: true); break;
            case StepKind.BackupNow: BackupNow(); break;
            case StepKind.BackupNowTwice:
                BackupNow();
                BackupNow();
                break;
            case StepKind.Delete: Delete(step.A, force: false); break;
            case StepKind.DeleteForced: Delete(step.A, force: true); break;
            case StepKind.DeleteTwo:
                Delete(step.A, force: false);
                Delete(step.A + 1, force: false);
                break;
            case StepKind.Verify: Verify(step.A); break;
            case StepKind.Status: _grains.On(_subject.Key, a => a.Clock.StatusAsync()); break;
            case StepKind.Quiet: BeQuiet(step.A); break;
        }
    }

    private void Remove(bool withBackups)
    {
        Unname(_subject);
        for (var i = 2; i < 6; i++)
        {
            _world.At(_world.Elapsed + (i * TimeSpan.FromSeconds(20)), _world.Nobody, () =>
                _grains.Directory.Remove(_subject.Key, withBackups));
        }
    }

    private void BackupNow() => _grains.On(_subject.Key, async a =>
    {
        var began = _world.Elapsed;
        var reply = await a.Clock.BackupNowAsync();
        _invariants.Answered(_subject, reply, began);
    });

    private void Delete(int which, bool force)
    {
        if (_subject.Pick(which) is { } name)
        {
            _invariants.AskedToDelete(_subject, name, force);
            _grains.On(_subject.Key, a => a.Clock.DeleteAsync(name, force));
        }
    }

    private void Verify(int which)
    {
        if (_subject.Pick(which) is { } name)
        {
            _grains.On(_subject.Key, a => a.Clock.VerifyAsync(name));
        }
    }
}

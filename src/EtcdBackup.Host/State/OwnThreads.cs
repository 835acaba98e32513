using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace EtcdBackup.Host.State;

/// <summary>
/// A few permanent threads for calls that block their thread: a new thread for each of ten thousand calls would cost more than the
/// calls.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "As old as the process")]
internal sealed class OwnThreads : TaskScheduler
{
    private readonly BlockingCollection<Task> _work = [];

    /// <summary>Starts them.</summary>
    public OwnThreads(int count)
    {
        for (var i = 0; i < count; i++)
        {
            new Thread(Run) { IsBackground = true, Name = $"state store {i}" }.Start();
        }
    }

    /// <inheritdoc/>
    protected override void QueueTask(Task task) => _work.Add(task);

    /// <inheritdoc/>
    // On another thread it would block that one.
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    /// <inheritdoc/>
    protected override IEnumerable<Task> GetScheduledTasks() => _work.ToArray();

    private void Run()
    {
        foreach (var task in _work.GetConsumingEnumerable())
        {
            TryExecuteTask(task);
        }
    }
}

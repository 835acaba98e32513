using System.Security.Cryptography;
using EtcdBackup.Stores;
using EtcdBackup.Stores.Remote;

namespace EtcdBackup.Tests.Stores.Remote;

public class RangeStreamTests
{
    private static readonly byte[] Content = RandomNumberGenerator.GetBytes(10_000);

    [Fact]
    public async Task A_long_download_may_break_often_as_long_as_each_resumption_brings_something()
    {
        var opened = 0;
        await using var stream = Open(offset =>
        {
            opened++;
            return new BreakingStream(Content, offset, bytes: 100);
        });
        var read = new MemoryStream();
        await stream.CopyToAsync(read);
        Assert.Equal(Content, read.ToArray());
        Assert.Equal(Content.Length / 100, opened);
    }

    [Fact]
    public async Task Resumptions_that_bring_nothing_come_to_an_end()
    {
        var opened = 0;
        await using var stream = Open(offset =>
        {
            opened++;
            return new BreakingStream(Content, offset, bytes: offset == 0 ? 100 : 0);
        });
        var e = await Assert.ThrowsAsync<StoreException>(() => stream.CopyToAsync(Stream.Null));
        Assert.Contains("at byte 100 of 10000", e.Message, StringComparison.Ordinal);
        Assert.Equal(4, opened);
    }

    private static RangeStream Open(Func<long, Stream> body) =>
        new(Content.Length, "a backup", TimeSpan.FromMinutes(1), TimeProvider.System, (offset, _) => Task.FromResult(body(offset)));

    private sealed class BreakingStream(byte[] content, long offset, int bytes) : ReadOnlyStream(content.Length)
    {
        private int _given;

        protected override ValueTask<int> ReadAtAsync(long position, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            if (_given >= bytes)
            {
                throw new IOException("the connection was reset");
            }

            var count = Math.Min(buffer.Length, bytes - _given);
            content.AsSpan((int)offset + _given, count).CopyTo(buffer.Span);
            _given += count;
            return ValueTask.FromResult(count);
        }
    }
}

using EtcdBackup.Host.Notifying.Sending;

namespace EtcdBackup.Host.Tests.Notifying;

public class SecretiveTests
{
    [Theory]
    [InlineData("no such hook: T0KEN-OF-MINE", true)]
    [InlineData("invalid status line: 'POST /services/T0KEN-OF-MINE HTTP/1.1'", true)]
    [InlineData("{\"path\":\"\\/services\\/t0ken-of-mine\"}", true)]
    [InlineData("no such hook: T0KEN%2DOF%2DMINE", true)]
    [InlineData("the key is long-enough", true)]
    [InlineData("no such hook: x", false)]
    [InlineData("", false)]
    public void An_answer_that_repeats_a_part_of_a_secret_is_found(string text, bool repeats) =>
        Assert.Equal(repeats, Secretive.Repeats(text, ["/services/T0KEN-OF-MINE?key=long-enough", ""]));
}

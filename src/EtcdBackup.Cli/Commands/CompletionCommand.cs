using System.CommandLine;
using EtcdBackup.Cli.Output;

namespace EtcdBackup.Cli.Commands;

/// <summary>Writes what a shell needs to complete words.</summary>
internal static class CompletionCommand
{
    private static readonly Dictionary<string, string> Scripts = new(StringComparer.Ordinal)
    {
        ["bash"] = """
            _etcdbackup() {
              local IFS=$'\n' line="${COMP_LINE#* }"
              COMPREPLY=($(compgen -W "$(etcdbackup "[suggest:$((COMP_POINT - ${#COMP_LINE} + ${#line}))]" "$line" 2>/dev/null)" \
                -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -F _etcdbackup etcdbackup
            """,
        ["zsh"] = """
            _etcdbackup() {
              local line="${BUFFER#* }"
              compadd -- ${(f)"$(etcdbackup "[suggest:$((CURSOR - ${#BUFFER} + ${#line}))]" "$line" 2>/dev/null)"}
            }
            compdef _etcdbackup etcdbackup
            """,
        ["fish"] = """
            function __etcdbackup
              set -l line (string replace -r '^\S+\s' '' -- (commandline -cp))
              etcdbackup "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
            end
            complete -c etcdbackup -f -a '(__etcdbackup)'
            """,
    };

    /// <summary>The command.</summary>
    public static Command Of(Screen screen)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        var command = new Command("completion", "Write what a shell needs to complete words: source <(etcdbackup completion bash)")
        {
            shell,
        };
        command.SetAction(parsed => screen.Out.WriteLine(Scripts[parsed.GetValue(shell)!]));
        return command;
    }
}

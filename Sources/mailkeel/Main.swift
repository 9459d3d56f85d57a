import Glibc
import KeelBase
import KeelCLI
import KeelSystem

/// The program. `--version` is answered before anything else is touched: scripts ask for it all the time.
@main
struct Main {
    static func main() async {
        StandardStream.openClosed()
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments == ["--version"] || arguments == ["-version"] {
            // A reader that has gone is no error.
            SignalWatcher.surviveBrokenPipes()
            if case .failed(let reason) = StandardStream.output.write("mailkeel \(MailkeelVersion.current)\n") {
                StandardStream.error.write("standard output: \(reason)\n")
                exit(1)
            }
            return
        }
        await EntryPoint.main(arguments)
    }
}

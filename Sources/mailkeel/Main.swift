import KeelBase
import KeelCLI
import KeelSystem

/// The program. `--version` is answered before anything else is touched: scripts ask for it all the time.
@main
struct Main {
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments == ["--version"] || arguments == ["-version"] {
            StandardStream.output.write("mailkeel \(MailkeelVersion.current)\n")
            return
        }
        await EntryPoint.main(arguments)
    }
}

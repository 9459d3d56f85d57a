import KeelBase
import KeelSystem

/// The browser of the desktop that a person sits at.
enum DesktopBrowser {
    /// Asks the desktop to open an address, which every user of this machine can read meanwhile; whether something was there to
    /// ask.
    static func open(_ address: String, _ environment: ProcessEnvironment) async -> Bool {
        // In a session of its own: some desktops run the browser in the place of the command, and it must outlive us.
        let request = ProcessRequest(
            ["setsid", "--fork", "xdg-open", address], environment: environment.variables, directory: "/",
            timeLimit: .seconds(10), outputLimit: 64 * 1024)
        guard let result = try? await SystemProcessRunner().run(request) else { return false }
        return result.ending == .exited(0)
    }
}

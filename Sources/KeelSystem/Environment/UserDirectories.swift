import Glibc

/// Where a user's own files belong (XDG Base Directory Specification).
package struct UserDirectories: Sendable, Equatable {
    /// The home directory; nil if neither `HOME` nor the user database names one.
    package let home: String?
    /// For settings: `XDG_CONFIG_HOME`, else `~/.config`.
    package let configuration: String?
    /// For what a program remembers: `XDG_STATE_HOME`, else `~/.local/state`.
    package let state: String?

    /// Where the machine's settings are.
    package static let systemConfiguration = "/etc"

    package init(_ environment: ProcessEnvironment) {
        let home = Self.absolute(environment["HOME"]) ?? Self.homeOfRecord()
        self.home = home
        configuration = Self.absolute(environment["XDG_CONFIG_HOME"]) ?? home.map { Self.join($0, ".config") }
        state = Self.absolute(environment["XDG_STATE_HOME"]) ?? home.map { Self.join($0, ".local/state") }
    }

    /// The specification has relative paths ignored.
    private static func absolute(_ path: String?) -> String? {
        path.flatMap { $0.hasPrefix("/") ? $0 : nil }
    }

    private static func join(_ directory: String, _ name: String) -> String {
        directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
    }

    private static func homeOfRecord() -> String? {
        var record = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16 * 1024)
        let capacity = buffer.count
        let status = unsafe getpwuid_r(getuid(), &record, &buffer, capacity, &found)
        guard status == 0, unsafe found != nil, let directory = unsafe record.pw_dir else { return nil }
        return absolute(unsafe String(cString: directory))
    }
}

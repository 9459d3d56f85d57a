import KeelBase

/// What the command prints when the sandbox runs.
enum SandboxSummary {
    static func lines(issuer: String, imap: HostPort, options: SandboxOptions, logPath: String?) -> [String] {
        var lines = ["OAuth provider  \(issuer)", "IMAP server     \(imap) (TLS)"]
        if let logPath { lines.append("Log             \(logPath)") }
        for order in options.faults { lines.append("Fault           \(order): \(order.fault.summary)") }
        guard let directory = options.directory else { return lines }
        return lines + [
            "", "In another terminal:", "",
            "  cd \(shellWord(directory))", "  mailkeel validate", "  mailkeel plan", "  mailkeel apply",
            "  mailkeel test",
        ]
    }

    /// `text` as one word of a POSIX shell.
    private static func shellWord(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "/._-+,:@%".utf8.contains(byte)
            }
        }
        return isPlain && !text.isEmpty
            ? text : "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}

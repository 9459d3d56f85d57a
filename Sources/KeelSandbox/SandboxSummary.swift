import KeelBase

/// What the command prints when the sandbox runs.
enum SandboxSummary {
    static func lines(
        issuer: String, mail: [MailPlace: HostPort], password: String?, options: SandboxOptions, logPath: String?
    ) -> [String] {
        var lines = ["OAuth provider  \(issuer)"]
        for server in MailProtocol.allCases {
            let ports = [(ConnectionSecurity.tls, "TLS"), (.starttls, "STARTTLS")].compactMap { security, name in
                mail[MailPlace(server, security)].map { "\($0) (\(name))" }
            }
            let name = "\(server.title) server"
            lines.append(name + String(repeating: " ", count: 16 - name.count) + ports.joined(separator: ", "))
        }
        if let password { lines.append("Mailboxes       password \(password)") }
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

import KeelBase
import KeelCrypto

/// A directory with manifests for the sandbox's own provider and mailboxes, ready for `mailkeel plan`.
struct ExampleProject: Sendable {
    /// What the manifests speak of.
    struct Setting {
        let issuer: String
        let mail: [MailPlace: HostPort]
        let authorityPEM: String

        /// Changes when the manifests must.
        var place: String {
            ([issuer] + MailPlace.allCases.compactMap { mail[$0]?.description }).joined(separator: ", ")
        }
    }

    /// Of every mailbox, unless its file says another.
    static let usualPassword = "sandbox-password"
    static let clientID = "mailkeel-sandbox"
    static let profile = "sandbox"
    static let accounts = ["support", "billing", "alerts"]

    /// The application for grants with a person: a public one, as programs on desktops are. It may ask for mail, for who
    /// somebody is, and to go on without the person; answers go to any port of this machine.
    static let personalClient = SandboxClient(
        id: "mailkeel-sandbox-app", secret: nil,
        scopes: [MailboxGate.scope, "mail.send", "openid", "email", "profile", "offline_access"],
        grants: [.authorizationCode, .deviceCode, .password],
        redirectURIs: ["127.0.0.1", "[::1]", "localhost"].flatMap { host in
            ["", "/", "/callback"].map { "http://\(host)\($0)" }
        })

    /// Each mailbox is a person's; beside them there is one to whom two of them are shared.
    static let users =
        accounts.map { SandboxUser(name: mailbox(of: $0), subject: "user-\($0)") } + [
            SandboxUser(
                name: mailbox(of: "lead"), subject: "user-lead",
                sharedMailboxes: [mailbox(of: "support"), mailbox(of: "billing")])
        ]

    static func mailbox(of account: String) -> String { "\(account)@sandbox.example" }

    let directory: String
    let hasPeople: Bool
    let hasAllProtocols: Bool
    let files: any FileStore

    func path(_ name: String) -> String { directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)" }

    /// Throws `.foreignFile` if writing would touch a file of somebody else; writes nothing.
    func checkOwnership() throws(SandboxFailure) {
        for file in ExampleFile.allCases {
            if let line = try firstLine(of: file), !line.contains(ExampleFile.signature) {
                throw .foreignFile(path: path(file.rawValue))
            }
        }
    }

    /// The client secret of an earlier run, or a new one, kept in a file that only this user may read.
    func clientSecret() throws(SandboxFailure) -> Secret {
        try secret(ExampleFile.secretName) { Base64.encode(RandomBytes.make(count: 32), .url) }
    }

    /// The password of the mailboxes, which somebody may have changed in its file.
    func mailboxPassword() throws(SandboxFailure) -> Secret {
        try secret(ExampleFile.passwordName) { Array(Self.usualPassword.utf8) }
    }

    private func secret(_ name: String, _ fresh: () -> [UInt8]) throws(SandboxFailure) -> Secret {
        let path = path(name)
        if let bytes = try SandboxFailure.reporting({ () throws(FileFailure) in try files.read(path, limit: 4096) }) {
            let line = bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...]
            guard !line.isEmpty, line.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw .unusableSecret(path: path)
            }
            return Secret(copying: Array(line))
        }
        let secret = fresh()
        try SandboxFailure.reporting { () throws(FileFailure) in
            try files.createDirectory(self.path("secrets"))
            try files.create(path, with: secret)
        }
        return Secret(copying: secret)
    }

    /// Writes what is not there, and what speaks of other addresses; a file that fits is left as its reader edited it.
    func write(_ setting: Setting) throws(SandboxFailure) {
        for file in ExampleFile.allCases {
            let content = file.content(setting)
            let first = content.prefix { $0 != "\n" }
            let line = try firstLine(of: file)
            if file == .people, line == nil, !hasPeople { continue }
            if file == .protocols, line == nil, !hasAllProtocols { continue }
            // The authority is a new one in each run.
            if file != .authority, let line, line == first { continue }
            try SandboxFailure.reporting { () throws(FileFailure) in
                try files.replace(path(file.rawValue), with: Array(content.utf8))
            }
        }
    }

    /// Nil if there is no such file.
    private func firstLine(of file: ExampleFile) throws(SandboxFailure) -> String? {
        try SandboxFailure.reporting { () throws(FileFailure) in
            let bytes = try files.read(path(file.rawValue), limit: 1 << 20)
            return bytes.map { String(decoding: $0.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self) }
        }
    }
}

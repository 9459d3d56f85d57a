import Crypto
import CryptoExtras
import KeelBase
import KeelSandbox
import Testing

extension SandboxRig {
    static let password = "sandbox-password"

    /// A connection over TLS whose greeting was read; with `starttls` TLS was begun by hand.
    func secured(_ service: MailProtocol, _ security: ConnectionSecurity = .tls) async throws -> Conversation {
        let conversation = try await mail(service, security)
        _ = try await conversation.line()
        if security == .starttls {
            let command = ["smtp": "STARTTLS", "imap": "s STARTTLS", "pop3": "STLS"][service.rawValue] ?? ""
            if service == .smtp { _ = try await conversation.ask("EHLO client.example") }
            let go = try await conversation.ask(command)
            try #require(go.last?.hasPrefix("220 ") == true || go.last?.contains("OK ") == true)
            try await conversation.startTLS()
        }
        if service == .smtp { _ = try await conversation.ask("EHLO client.example") }
        return conversation
    }

    /// Begins a login by a mechanism, without an initial response; what is asked first.
    func begin(_ mechanism: String, _ service: MailProtocol, _ conversation: Conversation) async throws -> String {
        let command = (service == .imap ? "a AUTHENTICATE " : "AUTH ") + mechanism
        return try await conversation.ask(command).last ?? ""
    }

    /// Sends a response in base 64, and what comes for it.
    func respond(
        _ text: String, _ service: MailProtocol, _ conversation: Conversation
    ) async throws -> String {
        try await conversation.send(Base64.text(Array(text.utf8)))
        return try await conversation.answer(tag: "a ").last ?? ""
    }

    /// The whole of a login by a mechanism with the standing mailbox; the last line.
    func logIn(
        _ mechanism: String, _ service: MailProtocol, _ conversation: Conversation, password: String = password,
        token: String = ""
    ) async throws -> String {
        let name = Self.mailbox
        let first = try await begin(mechanism, service, conversation)
        switch mechanism {
        case "PLAIN": return try await respond("\0\(name)\0\(password)", service, conversation)
        case "LOGIN":
            _ = try await respond(name, service, conversation)
            return try await respond(password, service, conversation)
        case "CRAM-MD5":
            let key = SymmetricKey(data: Array(password.utf8))
            let code = HMAC<Insecure.MD5>.authenticationCode(for: Self.challenge(first), using: key)
            return try await respond("\(name) \(Hexadecimal.text(code))", service, conversation)
        case "XOAUTH2":
            return try await respond("user=\(name)\u{1}auth=Bearer \(token)\u{1}\u{1}", service, conversation)
        case "OAUTHBEARER":
            return try await respond("n,a=\(name),\u{1}auth=Bearer \(token)\u{1}\u{1}", service, conversation)
        default:
            var scram = HandSCRAM(mechanism, name, password)
            let challenge = try await respond(scram.first, service, conversation)
            let final = try await respond(scram.final(Self.challenge(challenge)), service, conversation)
            guard final.hasPrefix("+") || final.hasPrefix("334") else { return final }
            #expect(String(decoding: Self.challenge(final), as: UTF8.self) == scram.expected)
            return try await respond("", service, conversation)
        }
    }

    /// What a challenge holds.
    static func challenge(_ line: String) -> [UInt8] {
        Base64.decode(line.drop { $0 != " " }.dropFirst().utf8) ?? []
    }

    /// Whether a line says that the login worked.
    static func isWelcome(_ line: String) -> Bool {
        ["235 ", "a OK ", "+OK "].contains { line.hasPrefix($0) }
    }
}

/// The client's side of SCRAM, by hand.
struct HandSCRAM {
    private let isOld: Bool
    private let password: String
    private let bare: String
    let header: String
    private let bound: [UInt8]
    /// The server's last message.
    private(set) var expected = ""

    init(
        _ mechanism: String, _ name: String, _ password: String, header: String? = nil, certificateHash: [UInt8] = []
    ) {
        isOld = mechanism == "SCRAM-SHA-1"
        self.password = password
        self.header = header ?? (mechanism.hasSuffix("-PLUS") ? "p=tls-server-end-point,," : "n,,")
        bound = Array(self.header.utf8) + certificateHash
        bare = "n=\(name),r=rOprNGfwEbeRWgbNEkqO"
    }

    var first: String { header + bare }

    mutating func final(_ challenge: [UInt8]) -> String {
        let text = String(decoding: challenge, as: UTF8.self)
        let parts = text.split(separator: ",").map { String($0.dropFirst(2)) }
        guard parts.count == 3, let rounds = Int(parts[2]), let salt = Base64.decode(parts[1].utf8),
            let salted = try? KDF.Insecure.PBKDF2.deriveKey(
                from: Array(password.utf8), salt: salt, using: isOld ? .insecureSHA1 : .sha256,
                outputByteCount: isOld ? 20 : 32, unsafeUncheckedRounds: rounds)
        else { return "unreadable" }
        let key = unsafe salted.withUnsafeBytes { unsafe Array($0) }
        let bare = "c=\(Base64.text(bound)),r=\(parts[0])"
        let message = "\(self.bare),\(text),\(bare)"
        let client = code("Client Key", key)
        let hash = isOld ? Array(Insecure.SHA1.hash(data: client)) : Array(SHA256.hash(data: client))
        expected = "v=" + Base64.text(code(message, code("Server Key", key)))
        return bare + ",p=" + Base64.text(zip(client, code(message, hash)).map { $0 ^ $1 })
    }

    private func code(_ text: String, _ key: [UInt8]) -> [UInt8] {
        let key = SymmetricKey(data: key)
        return isOld
            ? Array(HMAC<Insecure.SHA1>.authenticationCode(for: Array(text.utf8), using: key))
            : Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key))
    }
}

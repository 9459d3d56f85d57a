import Crypto
import CryptoExtras
import KeelBase
import KeelCrypto

/// SCRAM (RFC 5802, RFC 7677), and its variant that is bound to the server's certificate (RFC 5929 section 4).
struct SCRAMExchange: MailExchange {
    private enum Stage {
        case first
        /// The client owes its proof of this conversation.
        case final(name: String, header: String, nonce: String, signed: String)
        /// The server's own proof was sent; the client owes an empty line.
        case told(LoginVerdict)
    }

    static let rounds = 4096
    let mechanism: MailMechanism
    let setting: MailSetting
    let judge: LoginJudge
    private var stage = Stage.first
    private let salt = RandomBytes.make(count: 16)

    init(mechanism: MailMechanism, setting: MailSetting, judge: LoginJudge) {
        self.mechanism = mechanism
        self.setting = setting
        self.judge = judge
    }

    var opening: [UInt8]? { nil }

    mutating func receive(_ response: [UInt8]) -> ExchangeStep {
        switch stage {
        case .first: first(response) ?? malformed
        case .final(let name, let header, let nonce, let signed):
            final(response, name, header, nonce, signed) ?? malformed
        case .told(let verdict): .verdict(response.isEmpty ? verdict : judge.malformed(mechanism.rawValue))
        }
    }

    private var malformed: ExchangeStep { .verdict(judge.malformed(mechanism.rawValue)) }

    /// `n,,n=name,r=nonce`, with another beginning where the channel is bound.
    private mutating func first(_ response: [UInt8]) -> ExchangeStep? {
        guard let text = String(validating: response, as: UTF8.self) else { return nil }
        if mechanism == .scramSHA256Plus, setting.faults.contains(.mailSCRAMOtherBinding) {
            let event = judge.malformed(mechanism.rawValue).event
            let error = Array("e=unsupported-channel-binding-type".utf8)
            return .error(error, acknowledgement: [], .refused(.credential, event))
        }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count == 4, isAcceptable(parts[0]), parts[2].hasPrefix("n="), parts[3].hasPrefix("r="),
            parts[1].isEmpty || parts[1].dropFirst(2) == parts[2].dropFirst(2),
            let name = GS2Name.decode(parts[2].dropFirst(2)), !name.isEmpty, parts[3].count > 2
        else { return nil }
        let nonce = parts[3].dropFirst(2) + SandboxBase64.text(RandomBytes.make(count: 18))
        let challenge = "r=\(nonce),s=\(SandboxBase64.text(salt)),i=\(Self.rounds)"
        stage = .final(
            name: name, header: "\(parts[0]),\(parts[1]),", nonce: String(nonce),
            signed: "\(parts[2]),\(parts[3]),\(challenge)")
        return .challenge(Array(challenge.utf8))
    }

    /// Whether the client's word on channel binding fits. `y` says that this server offers none: where it does, somebody
    /// cut that out on the way (RFC 5802 section 6).
    private func isAcceptable(_ flag: Substring) -> Bool {
        if mechanism == .scramSHA256Plus { return flag == "p=tls-server-end-point" }
        let isOffered = mechanism == .scramSHA256 && setting.faults.mechanisms.contains(.scramSHA256Plus)
        return flag == "n" || (flag == "y" && !isOffered)
    }

    /// `c=what the channel is bound to,r=nonce,p=proof`.
    private mutating func final(
        _ response: [UInt8], _ name: String, _ header: String, _ nonce: String, _ signed: String
    ) -> ExchangeStep? {
        guard let text = String(validating: response, as: UTF8.self), let end = text.lastRange(of: ",p="),
            let proof = SandboxBase64.decode(text[end.upperBound...].utf8)
        else { return nil }
        let bound = Array(header.utf8) + (mechanism == .scramSHA256Plus ? setting.certificateHash : [])
        guard text[..<end.lowerBound] == "c=\(SandboxBase64.text(bound)),r=\(nonce)" else { return nil }
        let message = Array("\(signed),\(text[..<end.lowerBound])".utf8)
        var signature: [UInt8] = []
        let verdict = judge.password(of: name, by: mechanism.rawValue) { password in
            guard let salted = salted(password) else { return false }
            signature = code(message, key: code(Array("Server Key".utf8), key: salted))
            let key = code(Array("Client Key".utf8), key: salted)
            let expected = zip(key, code(message, key: hash(key))).map { $0 ^ $1 }
            return Secret(copying: expected).matches(Secret(copying: proof))
        }
        guard case .admitted = verdict else { return .verdict(verdict) }
        if setting.faults.contains(.mailSCRAMWrongSignature) { signature = signature.map { $0 ^ 1 } }
        stage = .told(verdict)
        return .challenge(Array("v=\(SandboxBase64.text(signature))".utf8))
    }
}

extension SCRAMExchange {
    private func salted(_ password: Secret) -> [UInt8]? {
        let isOld = mechanism == .scramSHA1
        let key = try? KDF.Insecure.PBKDF2.deriveKey(
            from: password.reveal(), salt: salt, using: isOld ? .insecureSHA1 : .sha256,
            outputByteCount: isOld ? 20 : 32, unsafeUncheckedRounds: Self.rounds)
        return key.map { unsafe $0.withUnsafeBytes { unsafe Array($0) } }
    }

    private func code(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        let key = SymmetricKey(data: key)
        return mechanism == .scramSHA1
            ? Array(HMAC<Insecure.SHA1>.authenticationCode(for: message, using: key))
            : Array(HMAC<SHA256>.authenticationCode(for: message, using: key))
    }

    private func hash(_ bytes: [UInt8]) -> [UInt8] {
        mechanism == .scramSHA1 ? Array(Insecure.SHA1.hash(data: bytes)) : Array(SHA256.hash(data: bytes))
    }
}

extension String {
    /// Where the last such text stands; the standard library finds the first alone.
    fileprivate func lastRange(of text: String) -> Range<Index>? { ranges(of: text).last }
}

import KeelBase
import KeelCrypto

/// SCRAM (RFC 5802, RFC 7677): both sides prove that they know the password, and neither says it.
struct SCRAM: SASLCourse {
    /// What the connection is bound to.
    enum Binding: Sendable {
        /// There is nothing to bind to, or not what the server binds to.
        case none
        /// There is, but the server offers no binding; it learns so, in case somebody cut its offer out (section 6).
        case notOffered
        /// The hash of the server's certificate (RFC 5929 section 4).
        case endPoint([UInt8])
    }

    let initialResponse: SASLResponse?
    private(set) var error: MechanismError?
    private let digest: LoginDigest
    private let password: Secret
    private let nonce: String
    /// `n,,` and what the connection is bound to, in base 64.
    private let bound: String
    private let firstBare: [UInt8]
    private var stage = Stage.first

    private enum Stage: Sendable {
        case first
        /// The proof was sent; the server owes its own.
        case proven(serverSignature: Secret)
        case verified
        case refused
    }

    /// Fewer rounds would let whoever asks for them guess the password quickly (RFC 7677 section 4).
    static let fewestRounds = 4096
    /// More than any server asks for in earnest; a second or so of work.
    static let mostRounds = 1_000_000
    /// Salts have 16 bytes or so; a nonce some dozens.
    private static let longestValue = 1024

    init(
        _ digest: LoginDigest, userName: String, password: Secret, binding: Binding, nonce: String
    ) throws(MailFailure) {
        self.digest = digest
        self.password = Secret(copying: try SASLText.preparedPassword(password))
        self.nonce = nonce
        let header: [UInt8]
        switch binding {
        case .none: (header, bound) = (Array("n,,".utf8), Base64.text(Array("n,,".utf8)))
        case .notOffered: (header, bound) = (Array("y,,".utf8), Base64.text(Array("y,,".utf8)))
        case .endPoint(let hash):
            header = Array("p=tls-server-end-point,,".utf8)
            bound = Base64.text(header + hash)
        }
        let name = try SASLText.userName(userName)
        firstBare =
            Array("n=".utf8) + SASLText.gs2Name(SASLPrep.prepared(name) ?? name) + Array(",r=\(nonce)".utf8)
        initialResponse = SASLResponse(header + firstBare, holdsCredential: false)
    }

    mutating func answer(
        to challenge: [UInt8]?, mask: inout CredentialMask
    ) throws(MailFailure) -> SASLResponse {
        guard let challenge else { throw MailFailure(.protocolViolation(.unreadableChallenge)) }
        switch stage {
        case .first: return try prove(challenge, &mask)
        case .proven(let signature): return try verify(challenge, signature, &mask)
        case .verified, .refused: throw MailFailure(.protocolViolation(.repeatedChallenge))
        }
    }

    var doubt: MailFailure.Violation? {
        switch stage {
        case .first: .successWithoutCredential
        case .proven: .successWithoutServerProof
        case .verified: nil
        case .refused: .successAfterRefusal
        }
    }

    /// The server's first message, `r=...,s=...,i=...`, answered by our proof (section 3).
    private mutating func prove(
        _ message: [UInt8], _ mask: inout CredentialMask
    ) throws(MailFailure) -> SASLResponse {
        let parts = message.split(separator: UInt8(ascii: ","), maxSplits: 3, omittingEmptySubsequences: false)
        if let word = Self.value("e", parts.first) { return refuse(mask.applied(to: Array(word))) }
        guard parts.count >= 3, let nonce = Self.value("r", parts[0]), let salt = Self.value("s", parts[1]),
            let rounds = Self.value("i", parts[2]), nonce.count <= Self.longestValue, salt.count <= Self.longestValue,
            let salt = Base64.decode(salt), !salt.isEmpty
        else { throw MailFailure(.protocolViolation(.unreadableChallenge)) }
        guard nonce.starts(with: self.nonce.utf8), nonce.count > self.nonce.utf8.count,
            nonce.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { throw MailFailure(.protocolViolation(.foreignNonce)) }
        guard let rounds = DecimalNumber.parse(rounds, max: Self.mostRounds) else {
            let isNumber = !rounds.isEmpty && rounds.allSatisfy { (0x30...0x39).contains($0) }
            throw MailFailure(.protocolViolation(isNumber ? .tooManyRounds : .unreadableChallenge))
        }
        guard rounds >= Self.fewestRounds else { throw MailFailure(.protocolViolation(.tooFewRounds)) }
        guard let salted = digest.salted(password, salt: salt, iterations: rounds) else {
            throw MailFailure(.protocolViolation(.unreadableChallenge))
        }
        let final = Array("c=\(bound),r=".utf8) + nonce
        let signed = firstBare + Array(",".utf8) + message + Array(",".utf8) + final
        let clientKey = digest.code(for: Array("Client Key".utf8), key: salted)
        let signature = digest.code(for: signed, key: digest.hash(clientKey))
        let proof = zip(clientKey.reveal(), signature.reveal()).map { $0 ^ $1 }
        let serverKey = digest.code(for: Array("Server Key".utf8), key: salted)
        stage = .proven(serverSignature: digest.code(for: signed, key: serverKey))
        return SASLResponse(final + Array(",p=".utf8) + Base64.encode(proof), holdsCredential: true)
    }

    /// The server's final message: `v=` and its signature, or `e=` and why not.
    private mutating func verify(
        _ message: [UInt8], _ expected: Secret, _ mask: inout CredentialMask
    ) throws(MailFailure) -> SASLResponse {
        let first = message.split(separator: UInt8(ascii: ","), maxSplits: 1, omittingEmptySubsequences: false).first
        if let word = Self.value("e", first) { return refuse(mask.applied(to: Array(word))) }
        guard let signature = Self.value("v", first).flatMap({ Base64.decode($0) }) else {
            throw MailFailure(.protocolViolation(.unreadableChallenge))
        }
        guard Secret(copying: signature).matches(expected) else { throw MailFailure(.serverNotAuthentic) }
        stage = .verified
        return .empty
    }

    private mutating func refuse(_ word: [UInt8]) -> SASLResponse {
        error = MechanismError(word: word)
        stage = .refused
        return .empty
    }

    /// What follows `name=`. An extension that must be understood (`m=`) stands first, where no name of ours fits.
    private static func value(_ name: String, _ part: ArraySlice<UInt8>?) -> ArraySlice<UInt8>? {
        guard let part, part.starts(with: "\(name)=".utf8) else { return nil }
        return part.dropFirst(2)
    }
}

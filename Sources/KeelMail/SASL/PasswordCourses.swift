import KeelBase
import KeelCrypto

/// PLAIN (RFC 4616).
struct Plain: SASLCourse {
    let initialResponse: SASLResponse?
    let error: MechanismError? = nil
    let doubt: MailFailure.Violation? = nil

    init(userName: String, password: Secret) throws(MailFailure) {
        initialResponse = SASLResponse(
            [0] + (try SASLText.userName(userName)) + [0] + (try SASLText.password(password)), holdsCredential: true)
    }

    mutating func answer(
        to challenge: [UInt8]?, mask: inout CredentialMask
    ) throws(MailFailure) -> SASLResponse {
        throw MailFailure(.protocolViolation(.repeatedChallenge))
    }
}

/// LOGIN, which was never more than a draft: the server asks for the name, then for the password.
///
/// What it asks with is not read: servers translate their prompts.
struct LoginCourse: SASLCourse {
    let initialResponse: SASLResponse? = nil
    let error: MechanismError? = nil
    private var answers: [SASLResponse]

    init(userName: String, password: Secret) throws(MailFailure) {
        answers = [
            SASLResponse(try SASLText.userName(userName), holdsCredential: false),
            SASLResponse(try SASLText.password(password), holdsCredential: true),
        ]
    }

    mutating func answer(
        to challenge: [UInt8]?, mask: inout CredentialMask
    ) throws(MailFailure) -> SASLResponse {
        guard !answers.isEmpty else { throw MailFailure(.protocolViolation(.repeatedChallenge)) }
        return answers.removeFirst()
    }

    var doubt: MailFailure.Violation? { answers.isEmpty ? nil : .successWithoutCredential }
}

/// CRAM-MD5 (RFC 2195).
struct CRAMMD5: SASLCourse {
    let initialResponse: SASLResponse? = nil
    let error: MechanismError? = nil
    private let userName: [UInt8]
    private let password: Secret
    private var isDone = false

    init(userName: String, password: Secret) throws(MailFailure) {
        self.userName = try SASLText.userName(userName)
        self.password = Secret(copying: try SASLText.password(password))
    }

    mutating func answer(
        to challenge: [UInt8]?, mask: inout CredentialMask
    ) throws(MailFailure) -> SASLResponse {
        guard !isDone else { throw MailFailure(.protocolViolation(.repeatedChallenge)) }
        guard let challenge, !challenge.isEmpty else { throw MailFailure(.protocolViolation(.unreadableChallenge)) }
        isDone = true
        let digest = LoginDigest.md5.code(for: challenge, key: password)
        return SASLResponse(
            userName + [UInt8(ascii: " ")] + Array(Hexadecimal.text(digest.reveal()).utf8), holdsCredential: true)
    }

    var doubt: MailFailure.Violation? { isDone ? nil : .successWithoutCredential }
}

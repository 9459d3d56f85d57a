import Crypto
import KeelBase
import KeelCrypto

/// The server's side of one SASL exchange, in bytes.
protocol MailExchange {
    /// What the server says first; nil where the client does.
    var opening: [UInt8]? { get }
    mutating func receive(_ response: [UInt8]) -> ExchangeStep
}

enum ExchangeStep {
    case challenge([UInt8])
    case verdict(LoginVerdict)
    /// A refusal that the mechanism tells in a challenge; the client owes this answer before it hears the rest.
    case error([UInt8], acknowledgement: [UInt8], LoginVerdict)
}

extension MailMechanism {
    /// An exchange for one connection.
    func exchange(_ setting: MailSetting) -> any MailExchange {
        let judge = LoginJudge(gate: setting.gate, faults: setting.faults)
        return switch self {
        case .xoauth2, .oauthBearer: BearerExchange(mechanism: self, setting: setting, judge: judge)
        case .plain: PlainExchange(judge: judge)
        case .login: LoginExchange(judge: judge)
        case .cramMD5: CRAMExchange(judge: judge)
        case .scramSHA1, .scramSHA256, .scramSHA256Plus: SCRAMExchange(mechanism: self, setting: setting, judge: judge)
        }
    }
}

/// XOAUTH2 and OAUTHBEARER (RFC 7628).
struct BearerExchange: MailExchange {
    let mechanism: MailMechanism
    let setting: MailSetting
    let judge: LoginJudge

    var opening: [UInt8]? { nil }

    func receive(_ response: [UInt8]) -> ExchangeStep {
        let isRFC = mechanism == .oauthBearer
        let read = isRFC ? BearerResponse(oauthBearer: response) : BearerResponse(xoauth2: response)
        // A token that was shown to another server is refused (RFC 7628 section 3.1).
        guard let read, read.host.map([setting.endpoint.host, SandboxCertificates.otherHost].contains) != false,
            read.port.map({ $0 == String(setting.endpoint.port) }) != false
        else {
            let event = judge.malformed(mechanism.rawValue).event
            return error(isRFC ? "invalid_request" : "400", .refused(.credential, event))
        }
        let verdict = judge.token(read.token, for: read.mailbox, by: mechanism.rawValue)
        guard case .refused(.credential, let event) = verdict, !setting.faults.contains(.mailNoChallenge) else {
            return .verdict(verdict)
        }
        let isShort = event.reason == "insufficient_scope"
        return error(isRFC ? (isShort ? "insufficient_scope" : "invalid_token") : "401", verdict)
    }

    /// The error as a challenge: XOAUTH2 wants an empty line then, RFC 7628 section 3.2.3 a single 0x01.
    private func error(_ status: String, _ verdict: LoginVerdict) -> ExchangeStep {
        let isRFC = mechanism == .oauthBearer
        let place: (name: String, value: JSONText) =
            isRFC ? ("openid-configuration", .string(setting.metadataAddress)) : ("schemes", .string("bearer"))
        let members: [(name: String, value: JSONText)] = [
            ("status", .string(status)), place, ("scope", .string(MailboxGate.scope)),
        ]
        return .error(JSONText.object(members).bytes, acknowledgement: isRFC ? [1] : [], verdict)
    }
}

/// PLAIN (RFC 4616): who is acted for, who acts, and the password, with a zero between.
struct PlainExchange: MailExchange {
    let judge: LoginJudge

    var opening: [UInt8]? { nil }

    func receive(_ response: [UInt8]) -> ExchangeStep {
        let parts = response.split(separator: 0, omittingEmptySubsequences: false)
        guard parts.count == 3, let name = String(validating: parts[1], as: UTF8.self), !name.isEmpty,
            parts[0].isEmpty || parts[0] == parts[1]
        else { return .verdict(judge.malformed(MailMechanism.plain.rawValue)) }
        let shown = Secret(copying: Array(parts[2]))
        return .verdict(judge.password(of: name, by: MailMechanism.plain.rawValue) { $0.matches(shown) })
    }
}

/// LOGIN, which no RFC describes: two questions.
struct LoginExchange: MailExchange {
    let judge: LoginJudge
    private var name: String?

    init(judge: LoginJudge) { self.judge = judge }

    var opening: [UInt8]? { Array("Username:".utf8) }

    mutating func receive(_ response: [UInt8]) -> ExchangeStep {
        guard let name else {
            name = String(decoding: response, as: UTF8.self)
            return .challenge(Array("Password:".utf8))
        }
        let shown = Secret(copying: response)
        return .verdict(judge.password(of: name, by: MailMechanism.login.rawValue) { $0.matches(shown) })
    }
}

/// CRAM-MD5 (RFC 2195): the password signs what the server made up.
struct CRAMExchange: MailExchange {
    let judge: LoginJudge
    private let stamp = "<\(RandomIdentifier.make())@\(MailSetting.hostName)>"

    init(judge: LoginJudge) { self.judge = judge }

    var opening: [UInt8]? { Array(stamp.utf8) }

    func receive(_ response: [UInt8]) -> ExchangeStep {
        let mechanism = MailMechanism.cramMD5.rawValue
        guard let blank = response.lastIndex(of: UInt8(ascii: " ")),
            let name = String(validating: response[..<blank], as: UTF8.self),
            let digest = Hexadecimal.decode(response[response.index(after: blank)...]), digest.count == 16
        else { return .verdict(judge.malformed(mechanism)) }
        return .verdict(
            judge.password(of: name, by: mechanism) { password in
                HMAC<Insecure.MD5>.isValidAuthenticationCode(
                    digest, authenticating: Array(stamp.utf8), using: SymmetricKey(data: password.reveal()))
            })
    }
}

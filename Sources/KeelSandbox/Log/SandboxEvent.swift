import KeelBase

/// Something that happened in the sandbox: a line of its log.
package struct SandboxEvent: Sendable {
    package enum Name: String, Sendable {
        case started, stopped, connection
        case tokenIssued = "token_issued"
        case tokenRefused = "token_refused"
        case codeReuseDetected = "code_reuse_detected"
        /// A refresh token that was spent before.
        case reuseDetected = "reuse_detected"
        /// All tokens of one consent ended.
        case familyEnded = "family_ended"
        case consentGiven = "consent_given"
        case consentRefused = "consent_refused"
        case deviceStarted = "device_started"
        case pushedRequest = "pushed_request"
        case introspection, revocation
        case userInfo = "userinfo"
        /// A fault that somebody ordered was met.
        case fault
        /// A client went where a redirect led it.
        case redirectFollowed = "redirect_followed"
        case loginOK = "login_ok"
        case loginRefused = "login_refused"
        /// Somebody showed a credential, or asked to, before TLS stood.
        case loginInClear = "login_in_clear"
        /// Something came in clear behind the command that asks for TLS.
        case commandInjected = "command_injected"
        case senderAccepted = "sender_accepted"
        case senderRefused = "sender_refused"
        case delivered
    }

    package let name: Name
    /// What a connection is for: `imap`, `oauth_token` ...
    package let service: String?
    /// Named only if it is registered here: what an unknown client sent as its id may be anything.
    package let clientID: String?
    package let scopes: [String]
    package let mailbox: ForeignText?
    /// Why something was refused, by a stable word such as `invalid_client`.
    package let reason: String?
    /// The token by its number in this run, such as `token-3`; never the token.
    package let token: String?
    /// How the token was asked for, such as `refresh_token`.
    package let grant: String?
    /// Who consented: somebody known here.
    package let user: String?
    /// The refresh token that was shown, by its number in this run, such as `refresh-3`.
    package let used: String?
    /// The refresh token that was issued, by its number.
    package let refresh: String?
    /// How somebody logged in to a mail server.
    package let mechanism: String?

    package init(
        _ name: Name, service: String? = nil, clientID: String? = nil, scopes: [String] = [],
        mailbox: ForeignText? = nil, reason: String? = nil, token: String? = nil, grant: String? = nil,
        user: String? = nil, used: String? = nil, refresh: String? = nil,
        mechanism: String? = nil
    ) {
        self.name = name
        self.service = service
        self.clientID = clientID
        self.scopes = scopes
        self.mailbox = mailbox
        self.reason = reason
        self.token = token
        self.grant = grant
        self.user = user
        self.used = used
        self.refresh = refresh
        self.mechanism = mechanism
    }

    /// The event as one JSON object on one line.
    package func line(at time: Timestamp) -> [UInt8] {
        var members: [(name: String, value: JSONText)] = [
            ("time", .string(time.description)), ("event", .string(name.rawValue)),
        ]
        if let service { members.append(("service", .string(service))) }
        if let clientID { members.append(("client_id", .string(clientID))) }
        if !scopes.isEmpty { members.append(("scopes", .strings(scopes.map { ForeignText($0).text }))) }
        if let mailbox { members.append(("mailbox", .string(mailbox.text))) }
        if let reason { members.append(("reason", .string(reason))) }
        if let token { members.append(("token", .string(token))) }
        if let grant { members.append(("grant", .string(grant))) }
        if let user { members.append(("user", .string(user))) }
        if let used { members.append(("used", .string(used))) }
        if let refresh { members.append(("refresh", .string(refresh))) }
        if let mechanism { members.append(("mechanism", .string(mechanism))) }
        return JSONText.object(members).bytes + [UInt8(ascii: "\n")]
    }
}

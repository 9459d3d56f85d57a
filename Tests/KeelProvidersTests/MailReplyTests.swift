import KeelBase
import KeelProviders
import Testing

struct MailReplyTests {
    private static func found(
        _ type: MailProtocol, _ code: String?, _ words: String, _ host: String
    ) -> String? {
        let answer = ServerAnswer(code: code, words: ForeignText(words))
        return MailReplyCatalogue.entry(for: MailReplySigns(type, answer, host: host))?.name
    }

    private static let exchange = "smtp.office365.com"
    private static let own = "mail.example.com"

    static let replies: [(MailProtocol, String?, String, String, String?)] = [
        (.smtp, "535 5.7.3", "Authentication unsuccessful [AM0P]", exchange, "smtp.535-5.7.3"),
        (.smtp, "535 5.7.3", "Authentication unsuccessful", own, "smtp.535"),
        (
            .smtp, "535 5.7.139", "Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.",
            exchange, "smtp.535-5.7.139.smtp-auth-disabled"
        ),
        (
            .smtp, "535 5.7.139", "user is locked by your organization's security defaults policy", exchange,
            "smtp.535-5.7.139.security-defaults"
        ),
        (
            .smtp, "535 5.7.139", "the request did not meet the criteria to be authenticated", exchange,
            "smtp.535-5.7.139.criteria"
        ),
        (.smtp, "535 5.7.139", "something new", exchange, "smtp.535-5.7.139"),
        (.smtp, "535 5.7.8", "Username and Password not accepted", "smtp.gmail.com", "smtp.535-5.7.8.google"),
        (.smtp, "535 5.7.8", "Error: authentication failed", own, "smtp.535"),
        (.smtp, "534 5.7.9", "Application-specific password required", "smtp.gmail.com", "smtp.534-5.7.9"),
        (.smtp, "534 5.7.14", "Please log in via your web browser", "smtp.gmail.com", "smtp.534-5.7.14"),
        (.smtp, "530 5.7.57", "Client not authenticated to send mail", exchange, "smtp.530-5.7.57"),
        (
            .smtp, "550 5.7.60", "SMTP; Client does not have permissions to send as this sender", exchange,
            "smtp.550-5.7.60"
        ),
        (.smtp, "554 5.7.60", "SendAsDenied", exchange, "smtp.554-5.7.60"),
        (
            .smtp, "550 5.7.30", "Basic authentication is not supported for Client Submission", exchange,
            "smtp.550-5.7.30"
        ),
        (.smtp, "501 5.5.127", "Token will expire soon", exchange, "smtp.501-5.5.127"),
        (.smtp, "432 4.3.2", "STOREDRV.ClientSubmit; sender thread limit exceeded", exchange, "smtp.432-4.3.2"),
        (
            .smtp, "421 4.4.2", "Message submission rate for this client has exceeded the limit", exchange,
            "smtp.421-4.4.2"
        ),
        (.smtp, "421 4.3.2", "Service not available", own, "smtp.421-4.3.2"),
        (.smtp, "421 4.7.0", "Try again later", own, "smtp.421-4.7.0"),
        (.smtp, "451 4.7.500", "Server busy", exchange, "smtp.451-4.7.500"),
        (.smtp, "454 4.7.0", "Temporary authentication failure", own, "smtp.454-4.7.0"),
        (.smtp, "454 4.7.0", "Too many login attempts, please try again later", own, "smtp.454-4.7.0.too-many-logins"),
        (.smtp, "538 5.7.11", "Encryption required", own, "smtp.538-5.7.11"),
        (.smtp, "504 5.5.4", "Unrecognized authentication type", own, "smtp.504-5.5.4"),
        (.smtp, "504 5.7.4", "Unrecognized authentication type", exchange, "smtp.504-5.7.4"),
        (.smtp, "500 5.5.6", "Authentication Exchange line is too long", own, "smtp.500-5.5.6"),
        (.smtp, "500 5.3.3", "Line too long", exchange, "smtp.500-5.3.3"),
        (.smtp, "503 5.5.1", "bad sequence of commands", own, "smtp.503"),
        (.smtp, "502 5.5.1", "command not implemented", own, "smtp.502"),
        (.smtp, "500 5.5.1", "command not recognized", own, "smtp.500"),
        (.smtp, "553 5.7.1", "Sender address rejected: not owned by user", own, "smtp.553-5.7.1"),
        (.imap, nil, "AUTHENTICATE failed.", "outlook.office365.com", "imap.authenticate-failed"),
        (.imap, nil, "AUTHENTICATE failed.", own, nil),
        (.imap, nil, "User is authenticated but not connected.", "outlook.office365.com", "imap.not-connected"),
        (.imap, nil, "Session invalidated - AccessTokenExpired", "outlook.office365.com", "imap.session-invalidated"),
        (.imap, nil, "Connection closed. 14", "outlook.office365.com", "imap.connection-closed-14"),
        (
            .imap, "AUTHENTICATIONFAILED", "Invalid credentials (Failure)", "imap.gmail.com",
            "imap.authenticationfailed.google"
        ),
        (.imap, "AUTHENTICATIONFAILED", "Authentication failed.", own, "imap.authenticationfailed"),
        (
            .imap, "ALERT", "Please log in via your web browser: https://support.google.com/", "imap.gmail.com",
            "imap.web-login"
        ),
        (
            .imap, "ALERT", "Too many simultaneous connections. (Failure)", "imap.gmail.com",
            "imap.too-many-connections"
        ), (.imap, "ALERT", "Maintenance on Sunday", own, nil),
        (.imap, nil, "LOGINDISABLED", own, "imap.logindisabled"),
        (.imap, "REFERRAL", "this mailbox is elsewhere", own, "imap.referral"),
        (.imap, nil, "Please log in via your web browser", "imap.gmail.com", "imap.web-login"),
        (.imap, "WEBALERT", "Web login required.", "imap.gmail.com", "imap.webalert"),
        (.imap, nil, "Too many simultaneous connections. (Failure)", "imap.gmail.com", "imap.too-many-connections"),
        (.imap, "UNAVAILABLE", "Temporary authentication failure.", own, "imap.unavailable"),
        (.imap, "INUSE", "", own, "imap.inuse"), (.imap, "LIMIT", "", own, "imap.limit"),
        (.imap, "PRIVACYREQUIRED", "", own, "imap.privacyrequired"),
        (.imap, "CONTACTADMIN", "", own, "imap.contactadmin"), (.imap, "EXPIRED", "", own, "imap.expired"),
        (.imap, "AUTHORIZATIONFAILED", "", own, "imap.authorizationfailed"),
        (
            .pop3, nil, "Authentication failure: unknown user name or bad password.", "outlook.office365.com",
            "pop3.unknown-user"
        ),
        (.pop3, "AUTH", "Authentication failed.", own, "pop3.auth"),
        (.pop3, "SYS/TEMP", "", own, "pop3.sys-temp"), (.pop3, "SYS/PERM", "", own, "pop3.sys-perm"),
        (.pop3, "LOGIN-DELAY", "", own, "pop3.login-delay"), (.pop3, "IN-USE", "", own, "pop3.in-use"),
        (.pop3, nil, "no", own, nil), (.smtp, "550 5.1.1", "unknown user", own, nil),
    ]

    @Test(arguments: replies)
    func `a reply finds its row`(type: MailProtocol, code: String?, words: String, host: String, name: String?) {
        #expect(Self.found(type, code, words, host) == name)
    }

    @Test(arguments: [
        ("535 5.7.139", "smtp.535-5.7.139"), ("535-5.7.139 Authentication unsuccessful", "smtp.535-5.7.139"),
        ("535 5.7.139 SmtpClientAuthentication is disabled for the Mailbox", "smtp.535-5.7.139.smtp-auth-disabled"),
        ("NO [AUTHENTICATIONFAILED]", "imap.authenticationfailed"), ("-ERR [SYS/TEMP] try later", "pop3.sys-temp"),
        ("BAD User is authenticated but not connected.", "imap.not-connected"), ("smtp.421", "smtp.421"),
        ("432", nil), ("421", "smtp.421"), ("hello", nil), ("[]", nil), ("", nil),
    ])
    func `people copy a reply from a log`(text: String, name: String?) {
        #expect(MailReplyCatalogue.entries(meant: text).first?.name == name)
    }

    @Test func `each row has a name of its own, and words`() {
        let all = MailReplyCatalogue.all
        #expect(Set(all.map(\.name)).count == all.count)
        for row in all {
            #expect(!row.cause.hasSuffix(".") && !row.fix.hasSuffix("."), "\(row.name)")
            #expect(row.hint.map { $0 == $0.lowercased() } ?? true, "\(row.name)")
            // What has more than one cause says what to look at, or asks for the server's own words.
            #expect(row.failureClass != .ambiguous || !row.checklist.isEmpty || row.fix.count > 20, "\(row.name)")
        }
    }

    @Test func `what may pass by the protocol stays so, whatever a row says`() throws {
        let row = try #require(MailReplyCatalogue.entry(named: "smtp.535-5.7.139"))
        let meaning = Meaning.ofMailFailure("temporarily_unavailable", showing: .oauth2)
        #expect(meaning.refined(by: row, mayPass: true) == meaning)
        #expect(meaning.refined(by: row, mayPass: false) == row.meaning)
        #expect(meaning.refined(by: nil, mayPass: false) == meaning)
    }

    @Test func `a refused password is not spoken of as a token`() {
        let meaning = Meaning.ofMailFailure("authentication_failed", showing: .password)
        #expect(meaning.cause.contains("password") && !meaning.remedy.contains("token"))
        #expect(Meaning.ofMailFailure("authentication_failed", showing: .oauth2).cause.contains("token"))
    }
}

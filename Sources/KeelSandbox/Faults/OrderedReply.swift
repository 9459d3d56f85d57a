/// What a mail server says in place of its usual answer, as providers say it.
///
/// Words of IMAP follow the tag, unless they begin with `* `.
struct OrderedReply {
    /// When it is said.
    enum Moment {
        case greeting
        /// When it is asked what it can: EHLO.
        case capability
        /// When it has the credential.
        case login
        /// To a command that only somebody who is logged in may give.
        case loggedIn
        /// To EXAMINE.
        case mailbox
        /// To MAIL.
        case sender
        /// When it has the message.
        case message
    }

    let moment: Moment
    let lines: [String]
    /// What the log calls it.
    let reason: String

    func summary(at server: String) -> String {
        let place =
            switch moment {
            case .greeting: "greets with"
            case .capability: "answers EHLO with"
            case .login: "answers every login with"
            case .loggedIn: "lets in, and answers what follows with"
            case .mailbox: "lets in, and answers EXAMINE with"
            case .sender: "lets in, and answers MAIL with"
            case .message: "takes a message, and answers it with"
            }
        return "the \(server) server \(place) `\(lines.joined(separator: " / ").trimmed)`"
    }

    static let table: [SandboxFault: OrderedReply] = {
        var table: [SandboxFault: OrderedReply] = [:]
        for (moment, rows) in rows {
            for (fault, words) in rows {
                let name = fault.rawValue.drop { $0 != "-" }.dropFirst()
                table[fault] = OrderedReply(
                    moment: moment, lines: words.split(separator: "\n").map(String.init),
                    reason: "fault_" + String(name.map { $0 == "-" ? "_" : $0 }))
            }
        }
        return table
    }()

    /// What Exchange says when it lets nobody in.
    private static let unsuccessful = "535 5.7.139 Authentication unsuccessful, "
    private static let disabled = "Visit https://aka.ms/smtp_auth_disabled for more information. [SANDBOX.EXAMPLE]"
    private static let browser = "Please log in via your web browser"
    private static let googleHelp = "https://support.google.com/mail/?p="

    private static let rows: [(Moment, [(SandboxFault, String)])] = [
        (
            .greeting,
            [
                (.smtpBusy, "421 4.3.2 Service not available, closing transmission channel"),
                (.smtpTryLater, "421 4.7.0 Try again later, closing connection."),
                (.imapGreetingReferral, "* BYE [REFERRAL imap://other.sandbox.example/] this mailbox is elsewhere"),
            ]
        ),
        (
            .capability,
            [
                (.smtpEHLONotImplemented, "502 5.5.1 Command not implemented")
            ]
        ),
        (
            .login,
            [
                (
                    .smtpAuthenticationUnsuccessful,
                    "535 5.7.3 Authentication unsuccessful [SANDBOX.EXAMPLE "
                        + "2026-11-21]"
                ),
                (
                    .smtpAuthenticationDisabledForTenant,
                    "\(unsuccessful)SmtpClientAuthentication is disabled for the Tenant. "
                        + "\(disabled)"
                ),
                (
                    .smtpAuthenticationDisabledForMailbox,
                    "\(unsuccessful)SmtpClientAuthentication is disabled for the Mailbox. "
                        + "\(disabled)"
                ),
                (
                    .smtpSecurityDefaults,
                    "\(unsuccessful)user is locked by your organization's security defaults policy. Contact your "
                        + "administrator. [SANDBOX.EXAMPLE]"
                ),
                (
                    .smtpCriteriaNotMet,
                    "\(unsuccessful)the request did not meet the criteria to be authenticated successfully. "
                        + "Contact your administrator. [SANDBOX.EXAMPLE]"
                ),
                (.smtpBasicRetired, "550 5.7.30 Basic authentication is not supported for Client Submission."),
                (.smtpTokenExpiresSoon, "501 5.5.127 Token will expire soon"),
                (.smtpTemporaryAuthenticationFailure, "454 4.7.0 Temporary authentication failure"),
                (.smtpTooManyLogins, "454 4.7.0 Too many login attempts, please try again later."),
                (
                    .smtpCredentialsNotAccepted,
                    "535-5.7.8 Username and Password not accepted. For more information, go to\n"
                        + "535 5.7.8  \(googleHelp)BadCredentials - gsmtp"
                ),
                (.smtpAuthenticationFailed, "535 5.7.8 Error: authentication failed: "),
                (
                    .smtpApplicationPassword,
                    "534-5.7.9 Application-specific password required. For more information, go to\n"
                        + "534 5.7.9  \(googleHelp)InvalidSecondFactor - gsmtp"
                ),
                (
                    .smtpWebLogin,
                    "534-5.7.14 \(browser) and then try again. For more\n"
                        + "534 5.7.14 information, go to \(googleHelp)WebLoginRequired - gsmtp"
                ),
                (.smtpTLSRequired, "538 5.7.11 Encryption required for requested authentication mechanism"),
                (.smtpMechanismUnknown, "504 5.7.4 Unrecognized authentication type"),
                (.smtpMechanismNotImplemented, "504 5.5.4 Security features not supported"),
                (.smtpLineTooLong, "500 5.5.6 Authentication Exchange line is too long"),
                (.smtpCommandTooLong, "500 5.3.3 Line too long"),
                (.smtpBadSequence, "503 5.5.1 Bad sequence of commands"),
                (.imapAuthenticateFailed, "NO AUTHENTICATE failed."),
                (.imapInvalidCredentials, "NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)"),
                (
                    .imapWebLogin,
                    "NO [ALERT] \(browser): https://support.google.com/mail/accounts/answer/78754 "
                        + "(Failure)"
                ),
                (
                    .imapWebAlert,
                    "* NO [WEBALERT https://accounts.google.com/signin/continue?sarp=1] Web login required.\n"
                        + "NO [ALERT] \(browser): https://support.google.com/mail/accounts/answer/78754 (Failure)"
                ),
                (.imapTooManyConnections, "NO [ALERT] Too many simultaneous connections. (Failure)"),
                (.imapUnavailable, "NO [UNAVAILABLE] Temporary authentication failure"),
                (.imapInUse, "NO [INUSE] The mailbox is in use"),
                (.imapLimit, "NO [LIMIT] Too many logins"),
                (.imapPrivacyRequired, "NO [PRIVACYREQUIRED] Encryption is required"),
                (.imapLoginDisabled, "BAD LOGINDISABLED"),
                (.imapContactAdmin, "NO [CONTACTADMIN] This account has been disabled"),
                (.imapExpired, "NO [EXPIRED] The password has expired"),
                (.imapAuthorizationFailed, "NO [AUTHORIZATIONFAILED] You may not open that mailbox"),
                (.imapConnectionClosed, "* BYE Connection closed. 14"),
                (.imapLoginReferral, "NO [REFERRAL imap://other.sandbox.example/] this mailbox is elsewhere"),
                (.pop3AuthenticationFailure, "-ERR Authentication failure: unknown user name or bad password."),
                (.pop3TemporaryFailure, "-ERR [SYS/TEMP] Temporary authentication failure"),
                (.pop3PermanentFailure, "-ERR [SYS/PERM] This account has been disabled"),
                (.pop3LoginDelay, "-ERR [LOGIN-DELAY] Log in less often"),
                (.pop3InUse, "-ERR [IN-USE] The mailbox is in use"),
            ]
        ),
        (
            .loggedIn,
            [
                (.imapNotConnected, "BAD User is authenticated but not connected."),
                (.imapTokenExpired, "* BYE Session invalidated - AccessTokenExpired"),
                (.pop3NotConnected, "-ERR [SYS/TEMP] The mailbox cannot be opened"),
            ]
        ),
        (
            .mailbox,
            [
                (.imapMailboxReferral, "NO [REFERRAL imap://other.sandbox.example/INBOX] this mailbox is elsewhere")
            ]
        ),
        (
            .sender,
            [
                (.smtpNotAuthenticated, "530 5.7.57 Client not authenticated to send mail. [SANDBOX.EXAMPLE]"),
                (.smtpSendAsDenied, "550 5.7.60 SMTP; Client does not have permissions to send as this sender"),
                (.smtpSenderThreads, "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded"),
                (
                    .smtpSubmissionRate,
                    "421 4.4.2 Message submission rate for this client has exceeded the configured "
                        + "limit"
                ),
                (.smtpServerBusy, "451 4.7.500 Server busy. Please try again later. [SANDBOX.EXAMPLE]"),
            ]
        ),
        (
            .message,
            [
                (.smtpSendAsDeniedAtEnd, "554 5.7.60 SMTP; Client does not have permissions to send as this sender"),
                (.smtpMessageRefused, "550 5.7.1 The message was refused"),
            ]
        ),
    ]
}

extension String {
    fileprivate var trimmed: Substring { last == " " ? dropLast() : self[...] }
}

import KeelBase

extension SandboxFault {
    /// What a client of a mail server meets, in one line.
    var mailSummary: String {
        switch self {
        case .mailCertificateExpired: "the mail server's certificate expired a month ago"
        case .mailCertificateWrongHost: "the mail server's certificate names other.sandbox.example"
        case .mailCertificateUntrusted: "the mail server's certificate comes from another authority than ca.pem"
        case .mailCertificateSelfSigned: "the mail server's certificate is signed by itself"
        case .mailSilent: "the mail server takes the connection and says nothing"
        case .mailSlow: "the mail server takes a minute for each answer"
        case .mailLoginSilent: "the mail server hears the login and says nothing"
        case .mailLoginSlow: "the mail server takes a minute to judge a login"
        case .mailCut: "the mail server sends 20 bytes and closes the connection"
        case .mailTrickle: "the mail server sends its answers byte by byte"
        case .mailCoalesced: "the mail server answers commands that came together all at once"
        case .mailHugeLine: "the mail server's list of capabilities has a line of a megabyte"
        case .mailEndless: "the mail server's list of capabilities has no end"
        case .imapHugeLiteral: "the IMAP server announces a literal of two gigabytes, and begins to send it"
        case .mailGreeting: "the mail server greets with these words"
        case .mailGreetingRefused: "the mail server greets with BYE, 554 or -ERR and closes the connection"
        case .mailClosesAfterGreeting: "the mail server greets and closes the connection"
        case .mailCapabilityRefused: "the mail server does not know CAPABILITY, EHLO or CAPA"
        case .imapPreauth: "the IMAP server greets with PREAUTH: somebody is logged in already"
        case .imapGreetingAlert: "the IMAP server greets with an alert for the person"
        case .mailStartTLSAbsent: "the mail server does not offer STARTTLS, and does not know it"
        case .mailStartTLSRefused: "the mail server offers STARTTLS, and answers it with NO, 454 or -ERR"
        case .mailStartTLSUnknown: "the mail server offers STARTTLS, and answers it with BAD, 500 or -ERR"
        case .mailStartTLSContinue: "the mail server answers STARTTLS with a continuation"
        case .mailStartTLSInjection: "capabilities in clear come with the answer to STARTTLS, in one piece"
        case .mailStartTLSInjectionLater: "capabilities in clear come 50 milliseconds after the answer to STARTTLS"
        case .mailClearLogins: "the mail server offers logins before TLS; it takes none"
        case .mailMechanisms: "the mail server offers these mechanisms and no other"
        case .mailNoXOAUTH2: "the mail server offers neither XOAUTH2 nor OAUTHBEARER"
        case .mailNoInitialResponse: "the mail server refuses a response in the line that names the mechanism"
        case .mailClosesOnLogin: "the mail server closes the connection when it has the credential"
        case .mailLoginAnswer: "the mail server answers every login with these words"
        case .mailLoginRefused: "the mail server refuses every credential, by the mechanism's own means"
        case .mailNoChallenge: "the mail server refuses tokens without the mechanism's error"
        case .mailSCRAMWrongSignature: "the mail server lets in by SCRAM without knowing the password itself"
        case .mailSCRAMOtherBinding: "the mail server binds SCRAM to the connection, and not by the certificate"
        default: OrderedReply.table[self]?.summary(at: rawValue.prefix { $0 != "-" }.uppercased()) ?? ""
        }
    }
}

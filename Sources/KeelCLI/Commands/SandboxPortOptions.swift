import ArgumentParser
import KeelBase
import KeelSandbox

/// Where the sandbox's servers listen.
struct SandboxPortOptions: ParsableArguments {
    @Option(help: "The port of the OAuth provider; 0 for any free one. 18443 if that is free.")
    var oauthPort: Int?

    @Option(help: "The port of the IMAP server; 0 for any free one. 18993 if that is free.")
    var imapPort: Int?

    @Option(help: "The port where the IMAP server takes STARTTLS. 18143 if that is free.")
    var imapStarttlsPort: Int?

    @Option(help: "The port of the POP3 server. 18995 if that is free.")
    var pop3Port: Int?

    @Option(help: "The port where the POP3 server takes STLS. 18110 if that is free.")
    var pop3StarttlsPort: Int?

    @Option(help: "The port of the SMTP server. 18465 if that is free.")
    var smtpPort: Int?

    @Option(help: "The port where the SMTP server takes STARTTLS. 18587 if that is free.")
    var smtpStarttlsPort: Int?

    @Flag(help: "Take any free port for each server that no other option gives one.")
    var freePorts = false

    /// The ports that were asked for.
    private var mail: [MailPlace: Int] {
        let asked: [(MailPlace, Int?)] = [
            (MailPlace(.imap, .tls), imapPort), (MailPlace(.imap, .starttls), imapStarttlsPort),
            (MailPlace(.pop3, .tls), pop3Port), (MailPlace(.pop3, .starttls), pop3StarttlsPort),
            (MailPlace(.smtp, .tls), smtpPort), (MailPlace(.smtp, .starttls), smtpStarttlsPort),
        ]
        return Dictionary(uniqueKeysWithValues: asked.compactMap { place, port in port.map { (place, $0) } })
    }

    func validate() throws {
        for port in Array(mail.values) + [oauthPort].compactMap({ $0 }) where !(0...65535).contains(port) {
            throw ValidationError("a port is a number from 0 to 65535")
        }
    }

    /// The sets of ports to try, in order: the usual ones, so that a project goes on working after a restart, and any free
    /// ones if those are taken.
    var attempts: [(oauth: Int, mail: [MailPlace: Int])] {
        let usual = Dictionary(uniqueKeysWithValues: MailPlace.allCases.map { ($0, $0.usualPort) })
        let free = (oauthPort ?? 0, mail)
        return freePorts ? [free] : [(oauthPort ?? 18443, usual.merging(mail) { $1 }), free]
    }
}

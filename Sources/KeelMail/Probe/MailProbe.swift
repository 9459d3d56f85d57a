import KeelBase

/// Where probes come from, so that whoever drives one need not know its protocol.
package enum MailProbe {
    /// A probe of the account that `order` names.
    ///
    /// `sender` is whom an SMTP account is to send as; nil where none is known. `clientName` is this host's name for
    /// SMTP, or an address in brackets.
    package static func make(
        for type: MailProtocol, _ order: ProbeOrder, sender: String? = nil, clientName: String = "[127.0.0.1]"
    ) -> any LoginProbe {
        switch type {
        case .smtp: SMTPProbe(order, sender: sender, clientName: clientName)
        case .imap: IMAPLoginProbe(order)
        case .pop3: POP3Probe(order)
        }
    }
}

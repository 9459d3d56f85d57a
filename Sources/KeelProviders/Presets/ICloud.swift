import KeelBase

extension ProviderPreset {
    /// iCloud Mail: passwords made for one program, no OAuth, no POP.
    static let icloud = ProviderPreset(
        name: "icloud", version: 1, title: "iCloud Mail",
        clouds: [
            Cloud(
                name: "global",
                servers: [
                    .imap: Server("imap.mail.me.com", 993, passwords: .application),
                    .smtp: Server("smtp.mail.me.com", 587, .starttls, passwords: .application, unansweredPorts: [465]),
                ])
        ],
        remarks: [
            "The password is one that the account's owner makes for one program at account.apple.com.",
            "For imap the userName may have to be the part before the @; for smtp it is the whole address.",
        ],
        sources: [
            Source("iCloud Mail server settings for other email client apps", "https://support.apple.com/102525")
        ])
}

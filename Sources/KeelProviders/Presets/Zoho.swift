import KeelBase

extension ProviderPreset {
    /// Zoho Mail, whose mailboxes live in regions. It has OAuth, and nobody has seen it at its mail servers.
    static let zoho = ProviderPreset(
        name: "zoho", version: 1, title: "Zoho Mail",
        clouds: [
            zohoCloud("com", "zoho.com"), zohoCloud("eu", "zoho.eu"), zohoCloud("in", "zoho.in"),
            zohoCloud("au", "zoho.com.au"),
            zohoCloud("jp", "zoho.jp"), zohoCloud("cn", "zoho.com.cn"),
        ],
        remarks: [
            "Organizations with a domain of their own use other servers: write server: imappro.zoho.eu, poppro... or smtppro....",
            "With two-factor authentication the account needs a password made for one program.",
        ],
        unverified: [
            Unverified(
                .servers, clouds: ["jp", "cn"], because: "concluded from the names in the other regions")
        ],
        sources: [
            Source("IMAP access", "https://www.zoho.com/mail/help/imap-access.html"),
            Source("POP access", "https://www.zoho.com/mail/help/pop-access.html"),
        ])

    private static func zohoCloud(_ name: String, _ domain: String) -> Cloud {
        Cloud(
            name: name,
            servers: [
                .imap: Server("imap.\(domain)", 993, passwords: .account),
                .pop3: Server("pop.\(domain)", 995, passwords: .account),
                .smtp: Server("smtp.\(domain)", 465, passwords: .account),
            ])
    }
}

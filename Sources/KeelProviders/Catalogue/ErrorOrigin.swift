/// Who speaks in the code of an error.
package enum ErrorOrigin: String, Sendable, CaseIterable {
    /// The specifications of OAuth and OpenID Connect; any provider. Mailkeel's own findings at a provider too.
    case oauth
    /// Microsoft Entra ID, for work, school and personal accounts.
    case microsoft
    case google
    case yahoo, fastmail, zoho, yandex

    /// The name for people.
    package var title: String {
        switch self {
        case .oauth: "any OAuth provider"
        case .microsoft: "Microsoft Entra ID"
        case .google: "Google"
        case .yahoo: "Yahoo and AOL"
        case .fastmail: "Fastmail"
        case .zoho: "Zoho"
        case .yandex: "Yandex"
        }
    }

    /// The name of its mail service for people.
    package var mailTitle: String {
        switch self {
        case .microsoft: "Exchange Online"
        case .google: "Gmail"
        case .oauth, .yahoo, .fastmail, .zoho, .yandex: title
        }
    }

    /// Whose host it is; nil for one of no provider that has codes of its own.
    package init?(host: String) {
        let found = Self.domains.first { domain, _ in host == domain || host.hasSuffix("." + domain) }
        guard let found else { return nil }
        self = found.origin
    }

    private static let domains: [(domain: String, origin: ErrorOrigin)] = [
        ("microsoftonline.com", .microsoft), ("microsoftonline.us", .microsoft),
        ("partner.microsoftonline.cn", .microsoft),
        ("googleapis.com", .google), ("accounts.google.com", .google),
        ("login.yahoo.com", .yahoo), ("login.aol.com", .yahoo), ("fastmail.com", .fastmail),
        ("oauth.yandex.com", .yandex), ("oauth.yandex.ru", .yandex),
        ("accounts.zoho.com", .zoho), ("accounts.zoho.eu", .zoho), ("accounts.zoho.in", .zoho),
        ("office365.com", .microsoft), ("office365.us", .microsoft), ("outlook.com", .microsoft),
        ("partner.outlook.cn", .microsoft), ("gmail.com", .google), ("googlemail.com", .google),
        ("mail.yahoo.com", .yahoo), ("aol.com", .yahoo), ("zoho.com", .zoho), ("zoho.eu", .zoho), ("zoho.in", .zoho),
        ("yandex.com", .yandex), ("yandex.ru", .yandex),
        ("accounts.zoho.com.au", .zoho), ("accounts.zoho.jp", .zoho), ("accounts.zoho.com.cn", .zoho),
    ]
}

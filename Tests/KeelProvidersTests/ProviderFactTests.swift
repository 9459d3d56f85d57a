import KeelBase
import KeelProviders
import Testing

/// The facts of single providers, as their pages have them.
struct ProviderFactTests {
    @Test(arguments: [
        ("global", "login.microsoftonline.com", "outlook.office365.com", "smtp.office365.com"),
        ("gcc-high", "login.microsoftonline.us", "outlook.office365.us", "smtp.office365.us"),
        ("dod", "login.microsoftonline.us", "outlook-dod.office365.us", "outlook-dod.office365.us"),
        ("china", "login.partner.microsoftonline.cn", "partner.outlook.cn", "partner.outlook.cn"),
    ])
    func `Microsoft's clouds`(name: String, login: String, mail: String, smtp: String) throws {
        let cloud = try #require(ProviderPreset.named("microsoft365")?.cloud(name))
        let base = "https://\(login)/{tenant}/oauth2/v2.0"
        #expect(cloud.tokenEndpoint == "\(base)/token" && cloud.authorizationEndpoint == "\(base)/authorize")
        #expect(cloud.deviceAuthorizationEndpoint == "\(base)/devicecode" && cloud.revocationEndpoint == nil)
        #expect(cloud.servers[.imap]?.host == mail && cloud.servers[.pop3]?.host == mail)
        #expect(cloud.servers[.smtp]?.host == smtp && cloud.servers[.smtp]?.port == 587)
        #expect(cloud.servers[.smtp]?.unansweredPorts == [465] && cloud.servers[.smtp]?.maxConnections == 3)
        #expect(cloud.servers.values.allSatisfy { $0.tokenMechanisms == [.xoauth2] })
        #expect(cloud.servers[.imap]?.passwords == .refused && cloud.servers[.pop3]?.passwords == .refused)
        let smtp = try #require(cloud.servers[.smtp])
        #expect({ if case .retiring = smtp.passwords { true } else { false } }())
    }

    /// The scopes of an application, and those to which people consent.
    @Test(arguments: [
        ("global", "outlook.office365.com", "outlook.office.com"),
        ("gcc-high", "outlook.office365.us", "outlook.office365.us"),
        ("dod", "outlook.office365.us", "outlook.office365.us"),
        ("china", "partner.outlook.cn", "partner.outlook.cn"),
    ])
    func `the audiences of Microsoft's scopes`(name: String, application: String, delegated: String) throws {
        let cloud = try #require(ProviderPreset.named("microsoft365")?.cloud(name))
        #expect(cloud.applicationScopes == ["https://\(application)/.default"])
        #expect(cloud.servers[.imap]?.scopes == ["https://\(delegated)/IMAP.AccessAsUser.All"])
        #expect(cloud.servers[.pop3]?.scopes == ["https://\(delegated)/POP.AccessAsUser.All"])
        // Not SMTP.SendAsApp, which a page of Microsoft's names here: that is the application's permission.
        #expect(cloud.servers[.smtp]?.scopes == ["https://\(delegated)/SMTP.Send"])
    }

    /// Name, host of each server in the order imap, pop3, smtp, and the token endpoint.
    @Test(
        arguments: [
            (
                "microsoft-personal", ["outlook.office365.com", "outlook.office365.com", "smtp-mail.outlook.com"],
                "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"
            ),
            ("google", ["imap.gmail.com", "pop.gmail.com", "smtp.gmail.com"], "https://oauth2.googleapis.com/token"),
            (
                "yahoo", ["imap.mail.yahoo.com", "pop.mail.yahoo.com", "smtp.mail.yahoo.com"],
                "https://api.login.yahoo.com/oauth2/get_token"
            ),
            ("aol", ["imap.aol.com", "pop.aol.com", "smtp.aol.com"], "https://api.login.aol.com/oauth2/get_token"),
            (
                "fastmail", ["imap.fastmail.com", "pop.fastmail.com", "smtp.fastmail.com"],
                "https://api.fastmail.com/oauth/refresh"
            ),
            ("zoho", ["imap.zoho.com", "pop.zoho.com", "smtp.zoho.com"], nil),
            ("yandex", ["imap.yandex.com", "pop.yandex.com", "smtp.yandex.com"], "https://oauth.yandex.com/token"),
            ("mailru", ["imap.mail.ru", "pop.mail.ru", "smtp.mail.ru"], "https://oauth.mail.ru/token"),
            ("icloud", ["imap.mail.me.com", nil, "smtp.mail.me.com"], nil),
        ] as [(String, [String?], String?)])
    func `servers and token endpoints`(name: String, hosts: [String?], token: String?) throws {
        let cloud = try #require(ProviderPreset.named(name)?.cloud(nil))
        #expect([MailProtocol.imap, .pop3, .smtp].map { cloud.servers[$0]?.host } == hosts)
        #expect(cloud.tokenEndpoint == token)
    }

    /// Name, grants, protocols with OAuth, offline scope, parameters, PKCE, lifetime, reach.
    @Test(
        arguments: [
            (
                "microsoft365", "authorization_code client_credentials device_code password", "imap pop3 smtp",
                "offline_access", [:], "supported", "90d", "none"
            ),
            (
                "microsoft-personal", "authorization_code device_code", "imap pop3 smtp", "offline_access", [:],
                "supported", "90d", "none"
            ),
            (
                "google", "authorization_code jwt_bearer", "imap pop3 smtp", nil,
                ["access_type": "offline", "prompt": "consent"], "supported", "180d", "userAndClient"
            ),
            ("yahoo", "authorization_code", "imap pop3 smtp", nil, [:], "supported", nil, "unknown"),
            ("aol", "authorization_code", "imap pop3 smtp", nil, [:], "supported", nil, "unknown"),
            ("fastmail", "authorization_code", "imap pop3 smtp", nil, [:], "required", nil, "chain"),
            ("zoho", "", "", nil, [:], "unknown", nil, nil),
            ("yandex", "authorization_code device_code", "imap smtp", nil, [:], "unknown", nil, "none"),
            ("mailru", "authorization_code", "imap smtp", nil, ["prompt_force": "1"], "unsupported", nil, "unknown"),
            ("icloud", "", "", nil, [:], "unknown", nil, nil),
            ("generic", "", "", nil, [:], "unknown", nil, nil),
        ] as [(String, String, String, String?, [String: String], String, String?, String?)])
    func `what providers grant`(
        name: String, grants: String, protocols: String, offline: String?, parameters: [String: String], pkce: String,
        lifetime: String?, reach: String?
    ) throws {
        let preset = try #require(ProviderPreset.named(name))
        #expect(preset.grants.map(\.rawValue).sorted().joined(separator: " ") == grants)
        let withOAuth = preset.cloud(nil)?.servers.filter { $0.value.offersOAuth }.keys.map(\.rawValue).sorted() ?? []
        #expect(withOAuth.joined(separator: " ") == protocols)
        #expect(preset.offlineScope == offline && preset.authorizationParameters == parameters)
        #expect(preset.pkce.rawValue == pkce && preset.refreshTokenLifetime == lifetime)
        #expect(preset.revocationReach?.rawValue == reach)
    }

    @Test(
        arguments: [
            (
                "microsoft365", nil, "imap pop3 smtp", "authorization_code",
                "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/POP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access"
            ),
            ("microsoft365", "china", "smtp", "device_code", "https://partner.outlook.cn/SMTP.Send offline_access"),
            ("microsoft365", nil, "imap smtp", "client_credentials", "https://outlook.office365.com/.default"),
            ("google", nil, "imap smtp pop3", "authorization_code", "https://mail.google.com/"),
            ("google", nil, "imap", "jwt_bearer", "https://mail.google.com/"),
            ("yandex", nil, "imap smtp", "device_code", "mail:imap_full mail:smtp"),
            ("yandex", nil, "pop3", "device_code", ""),
            ("fastmail", nil, "pop3", "authorization_code", "https://www.fastmail.com/dev/protocol-pop"),
            ("mailru", nil, "imap smtp", "authorization_code", "mail.imap userinfo"),
            ("icloud", nil, "imap", "authorization_code", ""),
        ] as [(String, String?, String, String, String)])
    func `the scopes that protocols need together`(
        name: String, cloudName: String?, protocols: String, grant: String, scopes: String
    ) throws {
        let preset = try #require(ProviderPreset.named(name))
        let cloud = try #require(preset.cloud(cloudName))
        let wanted = Set(protocols.split(separator: " ").compactMap { MailProtocol(rawValue: String($0)) })
        let type = try #require(GrantType(rawValue: grant))
        #expect(preset.scopes(for: wanted, by: type, in: cloud).joined(separator: " ") == scopes)
    }

    @Test func `Google has devices, and gives them no mail`() throws {
        #expect(ProviderPreset.all.filter(\.refusesMailToDevices).map(\.name) == ["google"])
    }

    @Test func `no new clients for mail at Yahoo and AOL`() {
        let closed = ProviderPreset.all.filter { if case .closed = $0.registration { true } else { false } }
        #expect(closed.map(\.name) == ["yahoo", "aol"])
    }

    @Test func `a doubt concerns what it says and nothing else`() throws {
        let preset = try #require(ProviderPreset.named("microsoft365"))
        #expect(preset.doubt(.servers, in: "china", .imap) != nil && preset.doubt(.servers, in: "global", .imap) == nil)
        #expect(preset.doubt(.maxConnections, in: "global", .imap) != nil)
        #expect(preset.doubt(.maxConnections, in: "global", .smtp) == nil)
        #expect(preset.doubt(.endpoints, in: "global") == nil)
    }

    @Test func `Zoho's regions are its clouds`() throws {
        let preset = try #require(ProviderPreset.named("zoho"))
        #expect(preset.clouds.map(\.name) == ["com", "eu", "in", "au", "jp", "cn"])
        #expect(preset.cloud("au")?.servers[.smtp]?.host == "smtp.zoho.com.au")
    }
}

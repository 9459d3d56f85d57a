import KeelBase
import KeelDiagnostics
import KeelModel
import Testing

struct EffectiveValueTests {
    private static func shown(_ spec: EffectiveSpec?, _ fields: [String]) -> [String] {
        fields.map { field in
            guard let value = spec?.effective[field] else { return "\(field) absent" }
            return "\(field) \(value.value.json.text()) \(value.origin.text)"
        }
    }

    private static let connection = ["server", "port", "connectionSecurity", "mechanism", "authentication"]

    @Test(
        arguments: [
            (
                "imap", "",
                [
                    "server \"outlook.office365.com\" preset microsoft365@2", "port 993 preset microsoft365@2",
                    "connectionSecurity \"tls\" preset microsoft365@2", "mechanism \"XOAUTH2\" preset microsoft365@2",
                    "authentication \"oauth2\" default",
                ]
            ),
            (
                "smtp", "",
                [
                    "server \"smtp.office365.com\" preset microsoft365@2", "port 587 preset microsoft365@2",
                    "connectionSecurity \"starttls\" preset microsoft365@2",
                    "mechanism \"XOAUTH2\" preset microsoft365@2",
                    "authentication \"oauth2\" default",
                ]
            ),
            (
                "imap", "server: Outlook.Office365.com",
                [
                    "server \"outlook.office365.com\" manifest", "port 993 preset microsoft365@2",
                    "connectionSecurity \"tls\" preset microsoft365@2", "mechanism \"XOAUTH2\" preset microsoft365@2",
                    "authentication \"oauth2\" default",
                ]
            ),
            (
                "smtp", "server: relay.example.com",
                [
                    "server \"relay.example.com\" manifest", "port 465 default", "connectionSecurity \"tls\" default",
                    "mechanism \"XOAUTH2\" preset microsoft365@2", "authentication \"oauth2\" default",
                ]
            ),
            (
                "imap", "connectionSecurity: starttls",
                [
                    "server \"outlook.office365.com\" preset microsoft365@2", "port 143 default",
                    "connectionSecurity \"starttls\" manifest", "mechanism \"XOAUTH2\" preset microsoft365@2",
                    "authentication \"oauth2\" default",
                ]
            ),
            (
                "imap", "mechanism: OAUTHBEARER",
                [
                    "server \"outlook.office365.com\" preset microsoft365@2", "port 993 preset microsoft365@2",
                    "connectionSecurity \"tls\" preset microsoft365@2", "mechanism \"OAUTHBEARER\" manifest",
                    "authentication \"oauth2\" default",
                ]
            ),
            (
                "imap", "port: 10993",
                [
                    "server \"outlook.office365.com\" preset microsoft365@2", "port 10993 manifest",
                    "connectionSecurity \"tls\" default", "mechanism \"XOAUTH2\" preset microsoft365@2",
                    "authentication \"oauth2\" default",
                ]
            ),
        ] as [(String, String, [String])])
    func `a preset fills what the manifest left open, and every value says who set it`(
        type: String, line: String, expected: [String]
    ) {
        let lines = ["type: \(type)", "userName: u", "oauthProfile: m365", line].filter { !$0.isEmpty }
        let loaded = Loaded(Manifest.m365 + Manifest.document("EmailAccount", "a", lines))
        #expect(loaded.findings.isEmpty)
        #expect(Self.shown(loaded.account("a")?.spec, Self.connection) == expected)
    }

    @Test(arguments: [
        ("imap", 993, "tls"), ("pop3", 995, "tls"), ("smtp", 465, "tls"),
    ])
    func `without a preset the registered port of TLS holds`(type: String, port: Int, security: String) throws {
        let loaded = Loaded(Manifest.account("type: \(type)", "server: h", "userName: u", "password: { fromEnv: P }"))
        let account = try #require(loaded.account("a"))
        #expect(account.endpoint == HostPort(host: "h", port: port) && account.security.rawValue == security)
        #expect(account.authentication == .password && account.mechanism == nil && account.authorization == nil)
    }

    @Test func `defaults of the table hold, and only those of the protocol`() {
        let loaded = Loaded(Manifest.account("type: imap", "server: h", "userName: u", "password: { fromEnv: P }"))
        let fields = ["active", "debug", "proof", "recordIn", "managedBy", "lifecycle.onDestroy", "from", "userLabel"]
        #expect(
            Self.shown(loaded.account("a")?.spec, fields) == [
                "active true default", "debug false default", "proof \"required\" default",
                "recordIn \"local\" default",
                "managedBy \"mailkeel\" default", "lifecycle.onDestroy \"forget\" default", "from absent",
                "userLabel absent",
            ])
    }

    @Test func `what is declared is what was written and nothing else`() {
        let loaded = Loaded(
            Manifest.m365
                + Manifest.account(
                    "type: imap", "userName: u", "oauthProfile: m365", metadata: ", labels: { team: desk }"))
        #expect(
            loaded.account("a")?.spec.declared == [
                "type": .text("imap"), "userName": .text("u"), "oauthProfile": .text("m365"),
                "metadata.labels": .map(["team": "desk"]),
            ])
        #expect(loaded.account("a")?.spec.effective["metadata.labels"]?.value == .map(["team": "desk"]))
    }

    @Test func `the tenant and the cloud make the endpoints`() throws {
        let text = Manifest.profile(
            "provider: microsoft365", "cloud: china", "tenant: contoso.cn", "grant: client_credentials", Manifest.client
        )
        let profile = try #require(Loaded(text).profile("p"))
        let url = "https://login.partner.microsoftonline.cn/contoso.cn/oauth2/v2.0/token"
        #expect(profile.endpoints == .given(try EndpointURL(parsing: url)))
        #expect(profile.scopes == ["https://partner.outlook.cn/.default"])
        #expect(
            Self.shown(profile.spec, ["endpoints.token", "cloud", "scopes", "endpoints.authorization"]) == [
                "endpoints.token \"\(url)\" preset microsoft365@2", "cloud \"china\" manifest",
                "scopes [\"https://partner.outlook.cn/.default\"] preset microsoft365@2",
                "endpoints.authorization absent",
            ])
    }

    @Test func `a person's grant gets the endpoints for persons`() throws {
        let text = Manifest.profile("provider: microsoft365", "tenant: t", "grant: device_code", "client: { id: x }")
        let profile = try #require(Loaded(text).profile("p"))
        let base = "https://login.microsoftonline.com/t/oauth2/v2.0"
        #expect(profile.spec.effective["endpoints.authorization"]?.value == .text("\(base)/authorize"))
        #expect(profile.spec.effective["endpoints.deviceAuthorization"]?.value == .text("\(base)/devicecode"))
        #expect(profile.scopes.isEmpty)
    }

    @Test func `an issuer is discovered, an endpoint beats it and the preset`() throws {
        let issuer = try EndpointURL(parsing: "https://I.example.com/realms/x")
        let discovered = Loaded(
            Manifest.profile("issuer: https://I.example.com/realms/x", "grant: client_credentials", Manifest.client))
        #expect(
            discovered.profile("p")?.endpoints
                == .discovered(issuer: issuer, asWritten: "https://I.example.com/realms/x"))
        let given = Loaded(
            Manifest.profile(
                "provider: microsoft365", "tenant: t", "issuer: https://i.example.com/",
                "endpoints: { token: https://t.example.com/token }", "grant: client_credentials", Manifest.client))
        #expect(given.profile("p")?.endpoints == .given(try EndpointURL(parsing: "https://t.example.com/token")))
    }

    @Test(arguments: [
        ("f.yaml", "ca.pem", "ca.pem"), ("sub/f.yaml", "ca.pem", "sub/ca.pem"), ("a/b/f.yaml", "../ca.pem", "a/ca.pem"),
        ("a/f.yaml", "../../ca.pem", "../ca.pem"), ("a/f.yaml", "./x/./ca.pem", "a/x/ca.pem"),
        ("a/f.yaml", "/etc/ca.pem", "/etc/ca.pem"), ("f.yaml", "../ca.pem", "../ca.pem"),
    ])
    func `paths start at the directory of the manifest`(file: String, written: String, path: String) throws {
        let account = Manifest.account(
            "type: imap", "server: h", "userName: u", "password: { fromFile: \(written), version: 1 }",
            "tls: { caFile: \(written) }")
        let loaded = Loaded(files: [(file, account)])
        let spec = try #require(loaded.account("a")?.spec)
        #expect(loaded.account("a")?.trust == Trust(caFile: path))
        #expect(spec.effective["password"]?.value == .secret(SecretSource(.file(path), version: "1")))
        #expect(spec.declared["tls.caFile"] == .text(written))
    }

    @Test func `a place is known for every written field`() {
        let loaded = Loaded(Manifest.account("type: imap", "server: h", "userName: u", "password: { fromEnv: P }"))
        let spec = loaded.account("a")?.spec
        #expect(spec?.place(of: "server").start.description == "6:11")
        #expect(spec?.place(of: "port").start.description == "3:19")
    }
}

import KeelBase
import KeelModel
import KeelTestSupport

/// A project in order, made from the field tables: each field of each kind is used somewhere, and nothing is to be said.
struct SoundProject {
    /// The documents by their files.
    var files: [(path: String, drafts: [Draft])]

    /// Declares the variables that the others use.
    static let projectFile = """
        apiVersion: mailkeel/v1
        kind: Project
        metadata: { name: planted }
        spec: { variables: { prefix: { default: MAIL } } }

        """

    /// In the order in which the loader reads them; the last sorts before others by its whole path.
    static let paths = [
        "accounts/a.yaml", "accounts/berlin/mail.yml", "accounts/z.yaml", "b.yml", "c.yaml", "desk.yaml",
        "desk/inner/deep/one.yaml", "m365.yaml", "moves.yaml", "profiles.yaml", "team-2.yaml", "z.yml",
    ].sorted { parts($0).lexicographicallyPrecedes(parts($1)) }

    /// A file in the project's own directory, as its table is.
    static let fileOfSet = paths.firstIndex(of: "c.yaml") ?? 0

    init(_ random: inout SeededGenerator) {
        var drafts: [Draft] = []
        for recipe in ProfileRecipe.allCases {
            drafts.append(recipe.draft("p-\(recipe.rawValue)", whole: true, &random))
        }
        for recipe in AccountRecipe.allCases {
            for number in 1...3 {
                drafts.append(recipe.draft(number, &random))
            }
        }
        drafts.append(Self.rename("Moved", [("from", "EmailAccount/gone"), ("to", "EmailAccount/sender-1")]))
        drafts.append(Self.rename("Moved", [("from", "OAuthProfile/older"), ("to", "OAuthProfile/p-own")]))
        drafts.append(Self.rename("Removed", [("address", "EmailAccount/handed.over")]))
        drafts.shuffle(using: &random)
        files = Self.paths.map { ($0, []) }
        files[Self.fileOfSet].drafts.append(PlantedTable.draft)
        for (number, draft) in drafts.enumerated() {
            let file = number < files.count ? number : Int.random(in: files.indices, using: &random)
            files[file].drafts.append(draft)
        }
    }

    private static func rename(_ kind: String, _ addresses: [(String, String)]) -> Draft {
        var draft = Draft(kind, "", spec: addresses.map { Entry($0.0, .scalar($0.1)) })
        draft.root.changeEntries([]) { entries in entries.removeAll { $0.key == "metadata" } }
        return draft
    }

    private static func parts(_ path: String) -> [String] { path.split(separator: "/").map(String.init) }
}

/// The usual ways to describe an account.
enum AccountRecipe: String, CaseIterable {
    /// A mailbox with a password, read by IMAP.
    case mailbox
    /// The same by POP3.
    case popper
    /// A sender with a password.
    case sender
    /// A shared mailbox, opened with somebody's consent; the preset knows the server.
    case shared
    /// An application's mailbox, at a server of one's own.
    case own

    var type: MailProtocol {
        switch self {
        case .mailbox, .own, .shared: .imap
        case .popper: .pop3
        case .sender: .smtp
        }
    }

    /// The first of a recipe has all fields that it can have; together the three use all profiles.
    func draft(_ number: Int, _ random: inout SeededGenerator) -> Draft {
        let whole = number == 1
        var draft = Draft("EmailAccount", "\(rawValue)-\(number)", spec: [])
        for field in AccountField.allCases {
            let definition = field.definition
            guard let value = value(field, number, &random) else { continue }
            if whole || definition.isRequired || isNeeded(field) || Bool.random(using: &random) {
                draft.set(definition.name, value)
            }
        }
        Layout.vary(&draft, whole: whole, &random)
        return draft
    }

    private func isNeeded(_ field: AccountField) -> Bool {
        switch field {
        case .server: self != .shared
        case .oauthProfile, .password, .provider: true
        default: false
        }
    }

    private func profile(_ number: Int) -> String {
        let profiles: [ProfileRecipe] =
            self == .own ? [.own, .service, .assertion] : [.consent, .consent, .certificate]
        return "p-\(profiles[number - 1].rawValue)"
    }

    /// The field's value here; nil where it has no business.
    private func value(_ field: AccountField, _ number: Int, _ random: inout SeededGenerator) -> Part? {
        let definition = field.definition
        let name = "\(rawValue)-\(number)"
        let hasProfile = self == .shared || self == .own
        switch field {
        case .type: return .scalar(type.rawValue)
        case .userName: return .scalar("\(name)@example.com")
        case .userLabel where type != .smtp: return nil
        case .from where type != .smtp: return nil
        case .from: return .scalar("\(name)@example.com")
        case .provider: return self == .shared ? .scalar("microsoft365") : nil
        case .cloud: return self == .shared ? .scalar("global") : nil
        case .server: return self == .shared ? nil : .scalar("mail.example.com")
        case .port: return self == .shared ? nil : .scalar("\(type.defaultPort(.tls))")
        case .connectionSecurity: return self == .shared ? nil : .scalar("tls")
        case .authentication: return .scalar(hasProfile ? "oauth2" : "password")
        case .mechanism: return .scalar(hasProfile ? "XOAUTH2" : "PLAIN")
        case .oauthProfile: return hasProfile ? .scalar(profile(number)) : nil
        case .password: return hasProfile ? nil : Layout.secret(&random)
        case .authorizedAs: return self == .shared && number < 3 ? .scalar("lead@example.com") : nil
        case .recordIn: return .scalar("local")
        case .managedBy: return .scalar("mailkeel")
        case .debug: return .scalar("false")
        case .ignoreChanges: return .list([.scalar("server"), .scalar("metadata.labels"), .scalar("tls.pin")])
        default: return Layout.value(definition, &random)
        }
    }
}

/// The usual ways to describe a profile.
enum ProfileRecipe: String, CaseIterable {
    /// An application of one's own provider, with everything that can be said of one.
    case own
    /// Consent at Microsoft.
    case consent
    /// A certificate, in a national cloud.
    case certificate
    /// A service account, by discovery.
    case service
    /// A signed assertion.
    case assertion

    func draft(_ name: String, whole: Bool, _ random: inout SeededGenerator) -> Draft {
        var draft = Draft("OAuthProfile", name, spec: [])
        for field in ProfileField.allCases {
            guard let value = value(field, &random) else { continue }
            draft.set(field.definition.name, value)
        }
        Layout.vary(&draft, whole: whole, &random)
        return draft
    }

    private var fields: [ProfileField: String] {
        switch self {
        case .own:
            [
                .grant: "client_credentials", .clientAuthentication: "client_secret_basic", .clientSecret: "",
                .clientSecretExpires: "2199-03-01", .authorizationParameters: "",
                .tokenEndpoint: "https://login.example.com/token", .tlsCAFile: "",
                .scopes: "",
            ]
        case .consent:
            [
                .provider: "microsoft365", .cloud: "global", .tenant: "contoso.onmicrosoft.com",
                .grant: "authorization_code", .clientSecret: "", .scopes: "", .redirectURI: "http://127.0.0.1/callback",
                .refreshTokenLifetime: "90d",
            ]
        case .certificate:
            [
                .provider: "microsoft365", .cloud: "global", .tenant: "contoso.example",
                .grant: "client_credentials", .clientAuthentication: "private_key_jwt", .clientCertificate: "",
                .clientCertificateExpires: "2199-03-01",
            ]
        case .service:
            [
                .issuer: "https://issuer.example.com/realm", .grant: "jwt_bearer", .serviceAccount: "", .scopes: "",
                .revocationEndpoint: "", .introspectionEndpoint: "", .userinfoEndpoint: "",
                .pushedAuthorizationEndpoint: "", .tlsCAFile: "", .revocationReach: "",
            ]
        case .assertion:
            [
                .issuer: "https://issuer.example.com/realm", .tokenEndpoint: "", .authorizationEndpoint: "",
                .deviceAuthorizationEndpoint: "", .grant: "client_credentials", .clientAssertion: "",
                .clientAuthentication: "private_key_jwt", .scopes: "",
            ]
        }
    }

    private func value(_ field: ProfileField, _ random: inout SeededGenerator) -> Part? {
        if field == .clientID { return .scalar("6d1f0c1e-0000-4000-8000-4a3f6c2b9d10") }
        guard let text = fields[field] else { return nil }
        if field == .scopes, self == .consent {
            return .list([
                .scalar("https://outlook.office.com/IMAP.AccessAsUser.All"), .scalar("offline_access"),
            ])
        }
        return text.isEmpty ? Layout.value(field.definition, &random) : .scalar(text)
    }
}

/// Values of any field by its type, and what may differ between documents that mean the same.
enum Layout {
    /// A sound value; nil for a type that needs more thought.
    static func value(_ definition: FieldDefinition, _ random: inout SeededGenerator) -> Part? {
        switch definition.type {
        case .text:
            .scalar(
                pick(
                    [
                        "plain", "\"quoted: text\"", "'it''s'", "Žluťoučký kůň", "1.10", "0123", "\"${var.prefix} x\"",
                        "\"$${x}\"",
                    ], &random))
        case .path: .scalar(pick(["ca.pem", "../shared/ca.pem", "/etc/mailkeel/ca.pem"], &random))
        case .host: .scalar("mail.example.com")
        case .port: .scalar("993")
        case .count(let range): .scalar("\(Int.random(in: range, using: &random))")
        case .boolean: .scalar(pick(["true", "false"], &random))
        case .choice(let words): .scalar(words[0])
        case .date: .scalar("2199-03-01")
        case .duration: .scalar(pick(["90d", "12h", "30m"], &random))
        case .keyHash: .scalar("jV54RY1EPxNKwrQKIa5QMGDNPSbj3VwLPtXaHiEE8y8=")
        case .url: .scalar(pick(["https://login.example.com/x", "\"https://login.example.com:8443/y\""], &random))
        case .textSet: .list([.scalar("mail.read"), .scalar("\"mail.send\""), .scalar("openid")])
        case .textMap: .mapping([Entry("audience", .scalar("https://mail.example.com")), Entry("x", .scalar("'no'"))])
        case .secret: secret(&random)
        }
    }

    static func secret(_ random: inout SeededGenerator) -> Part {
        var entries = [
            Entry("fromEnv", .scalar("MAIL_SECRET")), Entry("fromFile", .scalar("secrets/one")),
            Entry("fromVault", .scalar("one")),
            Entry("fromCommand", .list([.scalar("pass"), .scalar("show"), .scalar("\"a b\"")])),
        ]
        entries = [entries[Int.random(in: 0..<4, using: &random)]]
        if Bool.random(using: &random) { entries.append(Entry("version", .scalar("2026-11"))) }
        return .mapping(entries.shuffled(using: &random))
    }

    /// Labels, annotations, and another order of what stands below `spec`.
    static func vary(_ draft: inout Draft, whole: Bool, _ random: inout SeededGenerator) {
        var more: [Entry] = []
        if whole || Bool.random(using: &random) {
            more.append(Entry("labels", .mapping([Entry("team", .scalar("desk")), Entry("é", .scalar("日本"))])))
        }
        if whole || Bool.random(using: &random) {
            more.append(Entry("annotations", .mapping([Entry("note", .scalar("\"see: the wiki\""))])))
        }
        draft.root.changeEntries(["metadata"]) { $0 = ($0 + more).shuffled(using: &random) }
        draft.root.changeEntries(["spec"]) { $0.shuffle(using: &random) }
        draft.root.changeEntries([]) { $0.shuffle(using: &random) }
    }

    static func pick(_ texts: [String], _ random: inout SeededGenerator) -> String {
        texts[Int.random(in: texts.indices, using: &random)]
    }
}

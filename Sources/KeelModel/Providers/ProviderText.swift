import KeelBase
import KeelDiagnostics
import KeelProviders

/// Presets as text for a terminal.
package struct ProviderText: Sendable {
    private let style: TextStyle

    package init(style: TextStyle) { self.style = style }

    /// All presets, a line each.
    package func table(_ presets: [ProviderPreset]) -> String {
        var table = TextTable("Provider", "Name", "OAuth for", "Passwords for", "Clouds", "Note")
        for preset in presets {
            let servers = preset.cloud(nil)?.servers ?? [:]
            func types(_ isOffered: (ProviderPreset.Server) -> Bool) -> String {
                let names = MailProtocol.allCases.filter { servers[$0].map(isOffered) ?? false }.map(\.rawValue)
                return names.isEmpty ? "-" : names.joined(separator: " ")
            }
            table.rows.append([
                preset.name, preset.title, preset.isGeneric ? "all" : types(\.offersOAuth),
                preset.isGeneric ? "all" : types { $0.passwords != .refused },
                preset.clouds.count > 1 ? preset.clouds.map(\.name).joined(separator: " ") : "-", Self.note(preset),
            ])
        }
        let lines = table.lines(style) + ["", "mailkeel providers NAME shows one, with a manifest to start from."]
        return lines.map { $0 + "\n" }.joined()
    }

    private static func note(_ preset: ProviderPreset) -> String {
        if preset.isGeneric { return "give issuer or endpoints, and server" }
        switch preset.registration {
        case .closed: return "no new clients"
        case .onRequest: return "clients on request"
        case .none: return "no profile: provider stands on the account"
        case .open: return preset.needsTenant ? "needs tenant" : ""
        }
    }

    // MARK: One preset

    /// One preset with all that is known. What is not verified has a number, under which the reason stands.
    package func render(_ preset: ProviderPreset) -> String {
        var lines = [style.bold(preset.title) + " (provider: \(preset.name), version \(preset.version))", ""]
        lines += facts(preset)
        for cloud in preset.clouds { lines += render(cloud, of: preset) }
        let remarks = Self.serverRemarks(preset) + preset.remarks
        if !remarks.isEmpty { lines += [style.bold("Good to know")] + remarks.flatMap { Self.item("- ", $0) } + [""] }
        if !preset.unverified.isEmpty {
            lines.append(style.bold("Not verified"))
            for (index, doubt) in preset.unverified.enumerated() {
                lines += Self.item("[\(index + 1)] ", "\(Self.scope(of: doubt)): \(doubt.reason)")
            }
            lines.append("")
        }
        if !preset.sources.isEmpty {
            lines.append(style.bold("Where this comes from"))
            lines += preset.sources.map { "  - \($0.title)" + ($0.page.map { "\n    \($0)" } ?? "") } + [""]
        }
        lines.append(style.bold("To start from"))
        lines += preset.startingManifest.split(separator: "\n").map { "  \($0)" }
        return lines.map { $0 + "\n" }.joined()
    }

    private func facts(_ preset: ProviderPreset) -> [String] {
        guard !preset.isGeneric else { return [] }
        guard preset.offersOAuth else {
            return [
                "  No OAuth for mail. Write provider: \(preset.name) with each account, and its password's source.", "",
            ]
        }
        func mark(_ fact: ProviderPreset.Fact) -> String { Self.mark(preset, fact) }
        let parameters = preset.authorizationParameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let rows: [(String, String?)] = [
            ("grants", preset.grants.map(\.rawValue).joined(separator: ", ")),
            ("device flow", preset.refusesMailToDevices ? "there is one, and it grants nothing for mail" : nil),
            ("tenant", Self.words(preset.tenancy)), ("client", preset.registration.words + mark(.registration)),
            ("PKCE", preset.pkce == .unknown ? "not known" + mark(.pkce) : preset.pkce.rawValue + mark(.pkce)),
            ("for a refresh token", preset.offlineScope.map { "the scope \($0)" }),
            ("with a consent", parameters.isEmpty ? nil : parameters.joined(separator: ", ")),
            (
                "unused refresh token",
                (preset.refreshTokenLifetime.map { "lives \($0)" } ?? "its life is not known")
                    + mark(.refreshTokenLifetime)
            ),
            ("revoking a token", preset.revocationReach.map { Self.words($0) + mark(.revocation) }),
        ]
        return Self.aligned(rows) + [""]
    }

    private func render(_ cloud: ProviderPreset.Cloud, of preset: ProviderPreset) -> [String] {
        let isOnly = preset.clouds.count == 1
        let isDefault = cloud.name == preset.clouds.first?.name
        func mark(_ fact: ProviderPreset.Fact, _ type: MailProtocol? = nil) -> String {
            Self.mark(preset, fact, in: cloud, type)
        }
        var lines = [
            style.bold(isOnly ? "Values" : "cloud: \(cloud.name)" + (isDefault ? " (when none is named)" : ""))
        ]
        lines += Self.aligned([
            ("issuer", cloud.issuer.map { $0 + mark(.issuer) }),
            ("endpoints.token", cloud.tokenEndpoint.map { $0 + mark(.endpoints) }),
            ("endpoints.authorization", cloud.authorizationEndpoint.map { $0 + mark(.endpoints) }),
            (
                "endpoints.deviceAuthorization",
                preset.refusesMailToDevices ? nil : cloud.deviceAuthorizationEndpoint.map { $0 + mark(.endpoints) }
            ),
            ("endpoints.revocation", cloud.revocationEndpoint.map { $0 + mark(.revocation) }),
            ("endpoints.introspection", cloud.introspectionEndpoint),
            (
                "scopes of an application",
                cloud.applicationScopes.isEmpty ? nil : cloud.applicationScopes.joined(separator: " ")
            ),
        ])
        if lines.count > 1 { lines.append("") }
        lines += servers(cloud, mark).lines(TextStyle(color: false))
        return lines + [""]
    }

    private func servers(
        _ cloud: ProviderPreset.Cloud, _ mark: (ProviderPreset.Fact, MailProtocol?) -> String
    ) -> TextTable {
        var table = TextTable("type", "server", "tokens by", "passwords", "connections", "scopes", indent: "  ")
        for type in MailProtocol.allCases {
            guard let server = cloud.servers[type] else { continue }
            let mechanisms = server.tokenMechanisms.map(\.rawValue).joined(separator: " ")
            table.rows.append([
                type.rawValue, "\(server.host):\(server.port) \(server.security.rawValue)" + mark(.servers, type),
                server.offersOAuth ? mechanisms + mark(.mechanisms, type) : "-", Self.words(server.passwords),
                server.maxConnections.map { "\($0)" + mark(.maxConnections, type) } ?? "-",
                server.scopes.isEmpty ? "-" : server.scopes.joined(separator: " ") + mark(.scopes, type),
            ])
        }
        return table
    }

    // MARK: Words

    /// What is to be said of servers, once for all clouds.
    private static func serverRemarks(_ preset: ProviderPreset) -> [String] {
        var remarks: [String] = []
        for type in MailProtocol.allCases {
            for server in preset.clouds.compactMap({ $0.servers[type] }) {
                let ends = server.passwords.end.map { ["Passwords for \(type.rawValue): \($0)."] } ?? []
                let ports = server.unansweredPorts.map { "Nobody answers \(type.rawValue) at port \($0)." }
                for remark in ends + ports where !remarks.contains(remark) { remarks.append(remark) }
            }
        }
        return remarks
    }

    /// An entry of a list, whose further lines begin where its text does.
    private static func item(_ mark: String, _ text: String) -> [String] {
        ExplanationText.wrapped(text).enumerated().map { index, line in
            "  " + (index == 0 ? mark : String(repeating: " ", count: mark.count)) + line
        }
    }

    /// The number of the reason why a value is not verified, with a blank before it; empty if it is.
    private static func mark(
        _ preset: ProviderPreset, _ fact: ProviderPreset.Fact, in cloud: ProviderPreset.Cloud? = nil,
        _ type: MailProtocol? = nil
    ) -> String {
        guard let name = cloud?.name ?? preset.clouds.first?.name,
            let index = preset.unverified.firstIndex(where: { $0.concerns(fact, in: name, type) })
        else { return "" }
        return " [\(index + 1)]"
    }

    private static func scope(of doubt: ProviderPreset.Unverified) -> String {
        let facts = doubt.facts.map(\.words).joined(separator: " and ")
        let types = doubt.protocols.isEmpty ? "" : " of \(doubt.protocols.map(\.rawValue).joined(separator: " and "))"
        let clouds = doubt.clouds.isEmpty ? "" : " in \(doubt.clouds.joined(separator: ", "))"
        return facts + types + clouds
    }

    private static func aligned(_ rows: [(String, String?)]) -> [String] {
        let present = rows.compactMap { name, value in value.map { (name, $0) } }
        let width = present.map(\.0.count).max() ?? 0
        return present.map { name, value in
            "  \(name)\(String(repeating: " ", count: width - name.count + 2))\(value)"
        }
    }

    private static func words(_ tenancy: ProviderPreset.Tenancy) -> String? {
        switch tenancy {
        case .none: nil
        case .required: "needed: its id or domain"
        case .optional(let tenant): "\(tenant) when none is named"
        }
    }

    private static func words(_ offer: ProviderPreset.PasswordOffer) -> String {
        switch offer {
        case .account: "the account's"
        case .application: "made for one program"
        case .retiring: "being ended"
        case .refused: "refused"
        }
    }

    private static func words(_ reach: RevocationReach) -> String {
        switch reach {
        case .none: "cannot be done"
        case .token: "ends that token alone"
        case .chain: "ends the whole consent"
        case .userAndClient: "ends all consents of the same person and client"
        case .unknown: "may end more than that token; how much is not known"
        }
    }
}

extension ProviderPreset.Fact {
    fileprivate var words: String {
        switch self {
        case .issuer: "the issuer"
        case .endpoints: "the endpoints"
        case .revocation: "revocation"
        case .scopes: "the scopes"
        case .pkce: "PKCE"
        case .servers: "the server"
        case .mechanisms: "the mechanisms"
        case .maxConnections: "the limit of connections"
        case .refreshTokenLifetime: "the life of refresh tokens"
        case .registration: "the registration"
        }
    }
}

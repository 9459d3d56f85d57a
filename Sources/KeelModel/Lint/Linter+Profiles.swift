import KeelBase
import KeelDiagnostics
import KeelProviders

extension Linter {
    /// The grant, at this provider and in this tenant.
    func checkGrant(_ linted: LintedProfile, _ findings: inout Findings) {
        let grant = linted.profile.grant
        if grant == .password {
            findings.add(
                .passwordGrant, linted.spec, ProfileField.grant,
                "the password grant is forbidden by RFC 9700 section 2.4 and refused by most providers",
                help: "use authorization_code, device_code or client_credentials")
        }
        guard let provider = linted.provider else { return }
        if !provider.offers(grant) {
            findings.add(
                .grantNotOffered, linted.spec, ProfileField.grant,
                "\(provider.title) has no \(grant.rawValue) for mail", help: Self.otherGrants(provider, than: grant))
        } else if grant == .clientCredentials, provider.family == .microsoft, linted.hasNoTenantOfItsOwn {
            findings.add(
                .applicationWithoutTenant, linted.spec, at: linted.tenantPlace,
                "client_credentials needs the tenant whose mailboxes these are",
                help: "write the tenant's id or domain")
        }
    }

    private static func otherGrants(_ provider: KnownProvider, than grant: GrantType) -> String {
        let offered = GrantType.allCases.filter { $0 != grant && $0 != .password && provider.offers($0) }
        guard !offered.isEmpty else { return "use authentication: password with an application password" }
        return "use \(offered.map(\.rawValue).joined(separator: " or "))"
    }

    /// What is known of the preset itself.
    func checkPreset(_ linted: LintedProfile, _ findings: inout Findings) {
        guard let choice = linted.profile.preset else { return }
        let (preset, cloud) = (choice.preset, choice.cloud.name)
        if linted.profile.grant.needsPerson, case .closed(let words) = preset.registration {
            findings.add(
                .registrationClosed, linted.spec, ProfileField.provider, "\(preset.title): \(words)",
                help: "nothing, if client.id is one that was approved")
        }
        let uses: [(fact: ProviderPreset.Fact, isUsed: Bool)] = [
            (.endpoints, linted.spec.written(ProfileField.tokenEndpoint.rawValue) == nil),
            (.scopes, linted.spec.written(ProfileField.scopes.rawValue) == nil), (.servers, true), (.mechanisms, true),
        ]
        let doubts = uses.filter { $0.isUsed && preset.doubt($0.fact, in: cloud) != nil }.map(\.fact)
        guard let first = doubts.first, let reason = preset.doubt(first, in: cloud) else { return }
        let names = doubts.map(\.rawValue).joined(separator: ", ")
        findings.add(
            .unverifiedPreset, linted.spec, ProfileField.provider, "not verified of \(preset.title): \(names)",
            notes: [Diagnostic.Note(reason)],
            help: "mailkeel providers \(preset.name) shows the values; write those that differ into the manifest")
    }

    /// The client and its secret.
    func checkClient(_ linted: LintedProfile, _ findings: inout Findings) {
        let profile = linted.profile
        if profile.clientAuthentication == ClientAuthenticationMethod.none, profile.clientSecret != nil {
            findings.add(
                .secretOnPublicClient, linted.spec, ProfileField.clientAuthentication, "a public client has no secret",
                help: "remove client.secret, or set client.authentication")
        } else if profile.grant == .deviceCode, linted.provider?.family == .microsoft, profile.clientSecret != nil {
            findings.add(
                .secretWithDeviceFlow, linted.spec, ProfileField.clientSecret,
                "Microsoft takes no client secret in the device flow (AADSTS700025)",
                help: "remove client.secret, and allow public client flows in the application's registration")
        }
        if let end = profile.secretExpires { checkExpiry(linted, end, &findings) }
        if linted.provider?.family == .google, profile.grant.needsPerson,
            let text = linted.spec.text(.refreshTokenLifetime), let lifetime = Self.seconds(text),
            lifetime <= 7 * 86_400
        {
            findings.add(
                .clientInTesting, linted.spec, ProfileField.refreshTokenLifetime,
                "consents that live \(text) are those of a Google client in testing",
                help: "publish the application, let everybody consent again, and remove the line")
        }
    }

    /// How long before its end a secret is worth a warning.
    private static let secretWarningSeconds: Int64 = 30 * 86_400

    private func checkExpiry(_ linted: LintedProfile, _ end: Timestamp, _ findings: inout Findings) {
        let day = String(end.description.prefix(10))
        if now >= end {
            findings.add(
                .secretExpired, linted.spec, ProfileField.clientSecretExpires, "the client secret expired on \(day)",
                help: "replace it at its source, and write its new last day and version")
        } else if now.adding(seconds: Self.secretWarningSeconds) >= end {
            let days = (end.seconds - now.seconds + 86_399) / 86_400
            findings.add(
                .secretExpires, linted.spec, ProfileField.clientSecretExpires,
                "the client secret expires on \(day), in \(counted(Int(days), "day"))",
                help: "replace it at its source, and write its new last day and version")
        }
    }

    /// A time such as `7d`, which was checked where it was decoded.
    private static func seconds(_ text: String) -> Int64? {
        guard let count = DecimalNumber.parse(String(text.dropLast())) else { return nil }
        return switch text.last {
        case "d": Int64(count) * 86_400
        case "h": Int64(count) * 3600
        case "m": Int64(count) * 60
        default: nil
        }
    }

    /// Where requests go, what is in them, and where answers come back.
    func checkRequests(_ linted: LintedProfile, _ findings: inout Findings) {
        let profile = linted.profile
        if profile.endpoints.url.scheme == .http {
            let isGiven = if case .given = profile.endpoints { true } else { false }
            findings.add(
                .clearTextEndpoint, linted.spec, isGiven ? ProfileField.tokenEndpoint : .issuer,
                "credentials go over http; only loopback allows that",
                help: "use https as soon as the provider is on another machine")
        }
        let reserved = profile.authorizationParameters.keys.filter(ProtocolParameters.names.contains).sorted()
        if !reserved.isEmpty {
            let names = reserved.joined(separator: ", ")
            findings.add(
                .reservedParameter, linted.spec, ProfileField.authorizationParameters,
                reserved.count == 1
                    ? "\(names) is set by the request itself" : "\(names) are set by the request itself",
                help: "remove \(names) from authorizationParameters")
        }
        if profile.grant == .authorizationCode, let uri = linted.spec.text(.redirectURI), !Self.leadsHere(uri) {
            findings.add(
                .redirectNotLoopback, linted.spec, ProfileField.redirectURI,
                "\(quoted(uri)) does not lead back to this machine",
                help: "register and write http://127.0.0.1, or leave redirectURI out")
        }
    }

    /// Whether the URI is a loopback address, by whatever scheme and port (RFC 8252 section 7.3).
    private static func leadsHere(_ uri: String) -> Bool {
        for scheme in ["http://", "https://"] where uri.lowercased().hasPrefix(scheme) {
            let authority = uri.dropFirst(scheme.utf8.count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
            if authority.lowercased() == "[::1]" || authority.lowercased().hasPrefix("[::1]:") { return true }
            let host = authority.prefix { $0 != ":" }
            return host.lowercased() == "localhost" || HostPort.isLoopbackLiteral(String(host))
        }
        return false
    }
}

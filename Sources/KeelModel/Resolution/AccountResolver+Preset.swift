import KeelBase
import KeelDiagnostics
import KeelProviders

extension AccountResolver {
    /// The preset of the account's profile, else that which the account names itself.
    mutating func resolveProvider(
        _ authentication: AuthenticationMethod?, _ profile: ProfileTerms?
    ) -> PresetChoice.Knowledge {
        if let profile {
            if values.has(.provider) || values.has(.cloud) { compareProvider(with: profile) }
            return profile.preset.map(PresetChoice.Knowledge.choice) ?? .noPreset
        }
        guard !values.isRefused(.provider), !values.isRefused(.cloud) else { return .refused }
        // Its profile has a mistake, or is not known.
        guard let authentication, authentication != .oauth2 else { return .refused }
        // That a cloud needs a provider is said in the table.
        guard let name = values.text(.provider) else { return .noPreset }
        switch PresetChoice.find(name, cloud: values.text(.cloud)) {
        case .choice(let choice): return .choice(choice)
        case .noPreset: return .noPreset
        case .unknownProvider(let message, let help):
            report("manifest.unknown-reference", .provider, message, help: help)
        case .unknownCloud(let message, let help):
            report("manifest.unknown-reference", .cloud, message, help: help)
        }
        return .refused
    }

    /// Two names for one thing must not differ.
    private mutating func compareProvider(with profile: ProfileTerms) {
        let provider = profile.provider ?? ProviderPreset.generic.name
        if let name = values.text(.provider), name != provider {
            report(
                "manifest.bad-value", .provider,
                "spec.provider is \(quoted(name)), but \(profile.address) is of \(provider)",
                help: "remove the line: the profile says it")
        }
        if let name = values.text(.cloud), name != profile.preset?.cloud.name {
            let other = profile.preset.map { "in the cloud \($0.cloud.name)" } ?? "in none"
            report(
                "manifest.bad-value", .cloud, "spec.cloud is \(quoted(name)), but \(profile.address) is \(other)",
                help: "remove the line: the profile says it")
        }
    }

    mutating func apply(_ choice: PresetChoice, _ type: MailProtocol, _ authentication: AuthenticationMethod?) {
        let origin = choice.origin
        // Authentication was derived, and the rest follows here.
        values.reserve(7)
        if values.has(.provider), choice.preset.clouds.count > 1 {
            values.fill(.cloud, .text(choice.cloud.name), origin)
        }
        guard let server = choice.cloud.servers[type] else { return }
        // By which mechanisms a server takes passwords, nobody promises: the best of its offer is taken.
        if authentication == .oauth2 || authentication == nil, let mechanism = server.tokenMechanisms.first {
            values.fill(.mechanism, .text(mechanism.rawValue), origin)
        }
        // The preset's port, security and limit belong to the preset's server, and the first two to each other.
        guard !values.has(.server) || values.text(.server) == server.host else { return }
        values.fill(.server, .text(server.host), origin)
        if let limit = server.maxConnections { values.fill(.maxConnections, .integer(limit), origin) }
        let security = values.text(.connectionSecurity)
        if security == nil || security == server.security.rawValue {
            values.fill(.port, .integer(server.port), origin)
            if values.integer(.port) == server.port {
                values.fill(.connectionSecurity, .text(server.security.rawValue), origin)
            }
        }
    }
}

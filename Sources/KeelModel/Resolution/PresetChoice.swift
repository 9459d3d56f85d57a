import KeelBase
import KeelDiagnostics
import KeelProviders

/// The preset that a resource names, with the cloud of it; shared by all that name the same.
package final class PresetChoice: Sendable {
    package let preset: ProviderPreset
    package let cloud: ProviderPreset.Cloud
    /// Who set a value that comes from it.
    package let origin: EffectiveValue.Origin

    private init(_ preset: ProviderPreset, _ cloud: ProviderPreset.Cloud) {
        self.preset = preset
        self.cloud = cloud
        origin = .preset(name: preset.name, version: preset.version)
    }

    /// Every cloud of every preset, made once: the names are looked up for each account that gives them.
    private static let all = Dictionary(
        uniqueKeysWithValues: ProviderPreset.all.map { preset in
            (preset.name, preset.clouds.map { PresetChoice(preset, $0) })
        })

    /// What is known of a resource's provider.
    enum Knowledge {
        case choice(PresetChoice)
        /// The manifest, or an issuer's metadata, says all.
        case noPreset
        /// A mistake keeps it from being known, and was reported.
        case refused

        var choice: PresetChoice? { if case .choice(let choice) = self { choice } else { nil } }
        var isRefused: Bool { if case .refused = self { true } else { false } }
    }

    /// What came of the names in a manifest.
    enum Finding {
        case choice(PresetChoice)
        /// `generic`: there is no preset.
        case noPreset
        case unknownProvider(message: String, help: String)
        case unknownCloud(message: String, help: String)
    }

    /// Looks up a provider, and its cloud; the provider's first one for nil.
    static func find(_ provider: String, cloud: String?) -> Finding {
        guard let choices = all[provider] else {
            let names = ProviderPreset.names
            return .unknownProvider(
                message: "unknown provider \(quoted(provider))",
                help: Suggestion.nearest(to: provider, among: names).map { "did you mean \"\($0)\"?" }
                    ?? "the providers are \(names.joined(separator: ", "))")
        }
        guard let first = choices.first else {
            guard let cloud else { return .noPreset }
            return .unknownCloud(
                message: "\(provider) has no cloud \(quoted(cloud))", help: "remove the line, or name the provider")
        }
        guard let cloud else { return .choice(first) }
        if let choice = choices.first(where: { $0.cloud.name == cloud }) { return .choice(choice) }
        return .unknownCloud(
            message: "\(first.preset.title) has no cloud \(quoted(cloud))",
            help: choices.count == 1
                ? "remove the line" : "its clouds are \(choices.map(\.cloud.name).joined(separator: ", "))")
    }
}

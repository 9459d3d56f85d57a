import KeelBase
import KeelProviders
import Testing

/// What holds for every preset.
struct PresetTests {
    private static let clouds = ProviderPreset.all.flatMap { preset in preset.clouds.map { (preset, $0) } }

    private static func endpoints(_ cloud: ProviderPreset.Cloud) -> [String] {
        [
            cloud.issuer, cloud.tokenEndpoint, cloud.authorizationEndpoint, cloud.deviceAuthorizationEndpoint,
            cloud.revocationEndpoint, cloud.introspectionEndpoint,
        ].compactMap(\.self)
    }

    @Test func `presets and their clouds are named once and found by name`() {
        #expect(
            ProviderPreset.names == [
                "microsoft365", "microsoft-personal", "google", "yahoo", "aol", "fastmail", "zoho", "yandex", "mailru",
                "icloud", "generic",
            ])
        #expect(Set(ProviderPreset.names).count == ProviderPreset.all.count)
        for preset in ProviderPreset.all {
            #expect(ProviderPreset.named(preset.name)?.title == preset.title)
            #expect(Set(preset.clouds.map(\.name)).count == preset.clouds.count)
            #expect(preset.cloud(nil)?.name == preset.clouds.first?.name)
            for cloud in preset.clouds { #expect(preset.cloud(cloud.name)?.name == cloud.name) }
            #expect(preset.cloud("atlantis") == nil)
            #expect(preset.version >= 1)
        }
        #expect(ProviderPreset.named("Microsoft365") == nil)
        #expect(ProviderPreset.all.filter(\.isGeneric).map(\.name) == ["generic"])
    }

    @Test func `every endpoint is https, and has the tenant exactly where the provider has tenants`() throws {
        for (preset, cloud) in Self.clouds {
            for template in Self.endpoints(cloud) {
                #expect(template.contains("{tenant}") == (preset.tenancy != .none), "\(template)")
                let url = try EndpointURL(parsing: template.replacing("{tenant}", with: "contoso.onmicrosoft.com"))
                #expect(url.scheme == .https && url.query == nil)
            }
            #expect((cloud.tokenEndpoint != nil) == preset.offersOAuth)
            let needsPerson = preset.grants.contains(.authorizationCode)
            #expect((cloud.authorizationEndpoint != nil) == needsPerson)
            if preset.grants.contains(.deviceCode) { #expect(cloud.deviceAuthorizationEndpoint != nil) }
            #expect(cloud.applicationScopes.isEmpty != preset.grants.contains(.clientCredentials))
        }
    }

    @Test func `a server's port fits its security, and what it takes fits what the provider grants`() {
        for (preset, cloud) in Self.clouds {
            #expect(cloud.servers[.imap] != nil && cloud.servers[.smtp] != nil)
            for (type, server) in cloud.servers {
                #expect(server.port == type.defaultPort(server.security) && server.security != .none)
                #expect(server.host == server.host.lowercased() && server.host.contains("."))
                #expect(!server.unansweredPorts.contains(server.port))
                #expect(server.maxConnections.map { (1...100).contains($0) } ?? true)
                // What takes tokens needs a scope to ask for, and somebody who gives them.
                #expect(server.offersOAuth == !server.scopes.isEmpty)
                #expect(!server.offersOAuth || preset.offersOAuth)
                #expect(server.offersOAuth || server.passwords != .refused, "\(preset.name) \(type)")
                #expect(Set(server.tokenMechanisms).isSubset(of: [.xoauth2, .oauthBearer]))
            }
            if preset.offersOAuth { #expect(cloud.servers.values.contains { $0.offersOAuth }) }
        }
    }

    @Test func `what is known of revocation is consistent`() {
        for preset in ProviderPreset.all {
            #expect((preset.revocationReach != nil) == preset.offersOAuth, "\(preset.name)")
            if preset.revocationReach == RevocationReach.none {
                #expect(preset.clouds.allSatisfy { $0.revocationEndpoint == nil })
            }
            #expect((preset.registration == .none) == !preset.offersOAuth)
            #expect(preset.offersOAuth || preset.offlineScope == nil && preset.authorizationParameters.isEmpty)
        }
    }

    @Test func `doubts name clouds and protocols that are there, and sources are named`() {
        for preset in ProviderPreset.all {
            for doubt in preset.unverified {
                #expect(!doubt.facts.isEmpty && !doubt.reason.isEmpty)
                #expect(doubt.clouds.allSatisfy { preset.cloud($0) != nil }, "\(preset.name)")
            }
            #expect(preset.isGeneric || !preset.sources.isEmpty)
            for source in preset.sources {
                if let page = source.page {
                    #expect((try? EndpointURL(parsing: String(page.prefix { $0 != "#" }))) != nil)
                }
            }
            for sentence in preset.remarks { #expect(sentence.hasSuffix("."), "\(sentence)") }
        }
    }

    /// A lifetime must be one that a manifest could say.
    @Test func `lifetimes are in days`() {
        for lifetime in ProviderPreset.all.compactMap(\.refreshTokenLifetime) {
            #expect(lifetime.last == "d" && Int(lifetime.dropLast()).map { $0 > 0 } == true)
        }
    }
}

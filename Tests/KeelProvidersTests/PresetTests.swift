import KeelBase
import KeelProviders
import Testing

struct PresetTests {
    @Test func `presets and their clouds are named once and found by name`() {
        #expect(ProviderPreset.all.map(\.name) == ["google", "microsoft365"])
        for preset in ProviderPreset.all {
            #expect(ProviderPreset.named(preset.name)?.title == preset.title)
            #expect(Set(preset.clouds.map(\.name)).count == preset.clouds.count)
            #expect(preset.cloud(nil)?.name == preset.clouds.first?.name)
            for cloud in preset.clouds { #expect(preset.cloud(cloud.name)?.name == cloud.name) }
            #expect(preset.cloud("atlantis") == nil)
            #expect(preset.version >= 1)
        }
        #expect(ProviderPreset.named("Microsoft365") == nil)
    }

    @Test func `every endpoint is https, and has the tenant exactly where the provider has tenants`() throws {
        for preset in ProviderPreset.all {
            for cloud in preset.clouds {
                let templates = [
                    cloud.tokenEndpoint, cloud.authorizationEndpoint, cloud.deviceAuthorizationEndpoint,
                ].compactMap(\.self)
                for template in templates {
                    #expect(template.contains("{tenant}") == preset.needsTenant)
                    let url = try EndpointURL(parsing: template.replacing("{tenant}", with: "contoso.onmicrosoft.com"))
                    #expect(url.scheme == .https && url.query == nil)
                }
            }
        }
    }

    @Test func `every protocol has a server whose port fits its security`() {
        for preset in ProviderPreset.all {
            for cloud in preset.clouds {
                for type in MailProtocol.allCases {
                    let server = cloud.servers[type]
                    #expect(server.map { $0.port == type.defaultPort($0.security) } == true)
                    #expect(server.map { $0.security != .none } == true)
                }
            }
        }
    }

    @Test(arguments: [
        ("global", "login.microsoftonline.com", "outlook.office365.com", "smtp.office365.com"),
        ("gcc-high", "login.microsoftonline.us", "outlook.office365.us", "smtp.office365.us"),
        ("dod", "login.microsoftonline.us", "outlook-dod.office365.us", "outlook-dod.office365.us"),
        ("china", "login.partner.microsoftonline.cn", "partner.outlook.cn", "partner.outlook.cn"),
    ])
    func `Microsoft's clouds`(name: String, login: String, mail: String, smtp: String) throws {
        let cloud = try #require(ProviderPreset.named("microsoft365")?.cloud(name))
        #expect(cloud.tokenEndpoint == "https://\(login)/{tenant}/oauth2/v2.0/token")
        #expect(cloud.servers[.imap]?.host == mail && cloud.servers[.pop3]?.host == mail)
        #expect(cloud.servers[.smtp]?.host == smtp && cloud.servers[.smtp]?.port == 587)
        #expect(cloud.mechanism == .xoauth2)
        #expect(cloud.applicationScopes.allSatisfy { $0.hasSuffix("/.default") } && cloud.applicationScopes.count == 1)
    }

    @Test func `Google gives an application no mailbox by itself`() throws {
        let cloud = try #require(ProviderPreset.named("google")?.cloud(nil))
        #expect(cloud.applicationScopes.isEmpty && cloud.deviceAuthorizationEndpoint == nil)
    }
}

import KeelBase
import Testing

struct ResourceAddressTests {
    @Test(
        arguments: [
            ("EmailAccount/support-in", .emailAccount, "support-in"), ("OAuthProfile/m365", .oauthProfile, "m365"),
            ("Authorization/m365:(app)", .authorization, "m365:(app)"),
            ("Authorization/m365:DOMAIN/user", .authorization, "m365:DOMAIN/user"),
        ] as [(String, ResourceKind, String)])
    func `an address is read and written`(text: String, kind: ResourceKind, name: String) {
        #expect(ResourceAddress(parsing: text) == ResourceAddress(kind, name))
        #expect(ResourceAddress(kind, name).description == text)
    }

    @Test(arguments: [
        "", "support-in", "EmailAccount", "EmailAccount/", "emailaccount/a", "Mailbox/a", "/a", " EmailAccount/a",
    ])
    func `what is no address is refused`(text: String) {
        #expect(ResourceAddress(parsing: text) == nil)
    }

    @Test func `a slot is named by profile and subject`() {
        let address = ResourceAddress.authorization(profile: "m365", subject: "desk.lead@contoso.com")
        #expect(address.description == "Authorization/m365:desk.lead@contoso.com")
    }

    @Test func `kinds come in the order of their dependencies, names in theirs`() {
        let texts = ["EmailAccount/a", "Authorization/z", "OAuthProfile/b", "OAuthProfile/a", "EmailAccount/B"]
        let sorted = texts.compactMap { ResourceAddress(parsing: $0) }.sorted().map(\.description)
        #expect(sorted == ["OAuthProfile/a", "OAuthProfile/b", "Authorization/z", "EmailAccount/B", "EmailAccount/a"])
    }
}

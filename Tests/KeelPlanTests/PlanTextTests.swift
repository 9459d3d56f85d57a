import KeelBase
import KeelDiagnostics
import KeelPlan
import KeelState
import Testing

/// What a reviewer reads, to the letter.
struct PlanTextTests {
    private static let text = Manifest.m365 + Manifest.supportIn

    private static func render(_ plan: Plan, color: Bool = false) -> String {
        PlanText(style: TextStyle(color: color)).render(plan)
    }

    private static func applied() -> World {
        var world = World()
        world.apply(text)
        return world
    }

    @Test func `a creation shows every value that is no default, and where it comes from`() {
        #expect(
            Self.render(World().plan(Self.text)) == """
                Mailkeel will perform the following actions:

                  # OAuthProfile/m365 will be created
                  + OAuthProfile/m365
                      + provider:        "microsoft365"
                      + cloud:           "global"                                         # preset microsoft365@2
                      + tenant:          "contoso.com"
                      + endpoints.token: "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token"  # preset microsoft365@2
                      + grant:           "client_credentials"
                      + client.id:       "app-1"
                      + client.secret:   (fromEnv SECRET)
                      + scopes:          [https://outlook.office365.com/.default]         # preset microsoft365@2
                      > resolve client.secret fromEnv SECRET
                      > verify that https://login.microsoftonline.com accepts the client

                  # Authorization/m365:(app) will be created
                  + Authorization/m365:(app)
                      + profile: "m365"
                      + scopes:  [https://outlook.office365.com/.default]  # preset microsoft365@2
                      + subject: "(app)"
                      > authorize: client_credentials as (app) at https://login.microsoftonline.com

                  # EmailAccount/support-in will be created
                  + EmailAccount/support-in
                      + type:               "imap"
                      + server:             "outlook.office365.com"  # preset microsoft365@2
                      + port:               993                      # preset microsoft365@2
                      + connectionSecurity: "tls"                    # preset microsoft365@2
                      + mechanism:          "XOAUTH2"                # preset microsoft365@2
                      + maxConnections:     20                       # preset microsoft365@2
                      + userName:           "support@contoso.com"
                      + oauthProfile:       "m365"
                      # (8 defaults hidden)
                      > test imap outlook.office365.com:993 tls XOAUTH2 as support@contoso.com

                Plan: 3 to add, 0 to change, 0 to destroy.
                Proof: 1 authorization, 1 connection test (support-in).

                """)
    }

    @Test func `an update shows before and after, the reason and the test`() {
        let edited = Self.text.replacing("type: imap", with: "type: imap, server: imap.contoso.com")
        #expect(
            Self.render(Self.applied().plan(edited)) == """
                Mailkeel will perform the following actions:

                  # EmailAccount/support-in will be updated in-place
                  # (credentials will be sent to a NEW host: server changes)
                  ~ EmailAccount/support-in
                      ~ server:         "outlook.office365.com" -> "imap.contoso.com"  # connection
                      - maxConnections: 20                                             # record
                      > test imap imap.contoso.com:993 tls XOAUTH2 as support@contoso.com

                Plan: 0 to add, 1 to change, 0 to destroy.
                Proof: 1 connection test (support-in again).
                Note: OAuthProfile/m365: client.secret was not compared; announce a rotation by its version.

                """)
    }

    @Test func `a change of scopes shows what comes and what goes`() {
        var world = World()
        world.apply(Manifest.idp + Manifest.one)
        let edited = (Manifest.idp + Manifest.one).replacing("scopes: [a, b]", with: "scopes: [b, c]")
        #expect(
            Self.render(world.plan(edited)) == """
                Mailkeel will perform the following actions:

                  # OAuthProfile/idp will be updated in-place
                  ~ OAuthProfile/idp
                      ~ scopes: + c - a  # consent grows
                      > resolve client.secret fromEnv SECRET, version 1
                      > discover https://login.example.com
                      > verify that https://login.example.com accepts the client

                  # Authorization/idp:(app) will be updated in-place
                  ~ Authorization/idp:(app)
                      ~ scopes: + c - a  # consent grows
                      > authorize: client_credentials as (app) at https://login.example.com

                  # EmailAccount/one will be updated in-place
                  # (it is proven again with the new grant of Authorization/idp:(app))
                  ~ EmailAccount/one
                      > test imap imap.example.com:993 tls by token as one@example.com

                Plan: 0 to add, 3 to change, 0 to destroy.
                Proof: 1 authorization, 1 connection test (one again).

                """)
    }

    @Test func `a replacement has both signs`() {
        let text = Self.render(Self.applied().plan(Self.text.replacing("app-1", with: "app-2")))
        #expect(
            text.contains(
                """
                  # Authorization/m365:(app) must be replaced
                  # (the profile is another application or provider now)
                  +/- Authorization/m365:(app)

                """))
        #expect(text.contains("Plan: 1 to add, 2 to change, 1 to destroy.\n"))
    }

    @Test func `a removal shows what goes, and why`() {
        var world = Self.applied()
        world.apply(Manifest.m365)
        #expect(
            Self.render(world.plan("")) == """
                Mailkeel will perform the following actions:

                  # OAuthProfile/m365 will be destroyed
                  # (because OAuthProfile/m365 is not in the manifests)
                  - OAuthProfile/m365
                      - provider:        "microsoft365"
                      - cloud:           "global"
                      - tenant:          "contoso.com"
                      - endpoints.token: "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token"
                      - grant:           "client_credentials"
                      - client.id:       "app-1"
                      - client.secret:   (fromEnv SECRET)
                      - scopes:          [https://outlook.office365.com/.default]

                Plan: 0 to add, 0 to change, 1 to destroy.

                """)
    }

    @Test func `nothing to do is said, with what is worth reading`() {
        #expect(
            Self.render(Self.applied().plan(Self.text)) == """
                No changes. Your mail accounts match the manifests.
                Note: OAuthProfile/m365: client.secret was not compared; announce a rotation by its version.

                """)
    }

    @Test func `a grant that another vault holds is shown as obtained again`() {
        var world = Self.applied()
        world.vault = .absent
        let text = Self.render(world.plan(Self.text.replacing("type: imap", with: "type: imap, port: 10993")))
        #expect(text.contains("  # Authorization/m365:(app) is obtained again: this vault does not hold its grant\n"))
        #expect(text.contains("Proof: 1 authorization, 1 connection test (support-in again).\n"))
    }

    @Test func `it is counted for how many authorizations somebody must consent`() {
        let alone = Manifest.desk + Manifest.mailbox("one")
        #expect(Self.render(World().plan(alone)).contains("Proof: 1 authorization (needs a person), "))
        let mixed = Manifest.idp + Manifest.account("two") + alone
        #expect(Self.render(World().plan(mixed)).contains("Proof: 2 authorizations (1 needs a person), "))
        let more = mixed + Manifest.mailbox("three")
        #expect(Self.render(World().plan(more)).contains("Proof: 3 authorizations (2 need a person), "))
    }

    @Test func `many tests are counted, and some are named`() {
        let text = Manifest.idp + (1...9).map { Manifest.account("n\($0)") }.joined()
        #expect(
            Self.render(World().plan(text)).contains(
                "Proof: 1 authorization, 9 connection tests (n1, n2, n3, n4, n5, n6 and 3 more).\n"))
    }

    @Test func `colours add nothing but colours`() {
        let plan = Self.applied().plan(Self.text.replacing("app-1", with: "app-2"))
        let painted = Self.render(plan, color: true)
        #expect(painted.contains("\u{1B}["))
        #expect(painted.replacing(/\x{1B}\[[0-9]+m/, with: "") == Self.render(plan))
    }

    @Test func `what a state holds is cleaned before it is shown`() {
        var world = World()
        let account = ResourceAddress(.emailAccount, "one")
        world.state = StateDocument(
            lineage: "l",
            resources: [
                account: ResourceRecord(
                    committed: nil,
                    failure: FailureRecord(code: "c", message: "a\u{1B}[2Jb\u{202E}", at: World.now, run: "r"))
            ])
        let text = Self.render(world.plan(Manifest.all))
        #expect(text.contains("  # (the last attempt failed at 2027-01-15T08:00:00Z: a\u{FFFD}[2Jb\u{FFFD})\n"))
    }

    @Test func `a resource's values are shown in the order of its table`() throws {
        let record = try #require(Self.applied().committed("EmailAccount/support-in"))
        let lines = PlanText.fields(.emailAccount, record.effective)
        #expect(lines.first == "type:                     \"imap\"")
        #expect(lines.count == record.effective.count)
    }
}

import KeelBase
import KeelDiagnostics
import KeelModel
import KeelProviders
import Testing

/// What `mailkeel providers` prints.
struct ProviderTextTests {
    private static let text = ProviderText(style: TextStyle(color: false))

    private static func shown(_ name: String) throws -> String {
        text.render(try #require(ProviderPreset.named(name)))
    }

    @Test func `the table has a line for each, and says what stops people`() {
        #expect(
            Self.text.table(ProviderPreset.all) == """
                Provider            Name                OAuth for       Passwords for   Clouds                     Note
                microsoft365        Microsoft 365       smtp imap pop3  smtp            global gcc-high dod china  needs tenant
                microsoft-personal  Outlook.com         smtp imap pop3  -               -
                google              Google              smtp imap pop3  smtp imap pop3  -
                yahoo               Yahoo Mail          smtp imap pop3  smtp imap pop3  -                          no new clients
                aol                 AOL Mail            smtp imap pop3  smtp imap pop3  -                          no new clients
                fastmail            Fastmail            smtp imap pop3  smtp imap pop3  -                          clients on request
                zoho                Zoho Mail           -               smtp imap pop3  com eu in au jp cn         no profile: provider stands on the account
                yandex              Yandex Mail         smtp imap       smtp imap pop3  -
                mailru              mail.ru             smtp imap       smtp imap pop3  -
                icloud              iCloud Mail         -               smtp imap       -                          no profile: provider stands on the account
                generic             any other provider  all             all             -                          give issuer or endpoints, and server

                mailkeel providers NAME shows one, with a manifest to start from.

                """)
    }

    @Test func `one with passwords only`() throws {
        let shown = try Self.shown("icloud")
        #expect(
            shown == """
                iCloud Mail (provider: icloud, version 1)

                  No OAuth for mail. Write provider: icloud with each account, and its password's source.

                Values
                  type  server                         passwords
                  smtp  smtp.mail.me.com:587 starttls  made for one program
                  imap  imap.mail.me.com:993 tls       made for one program

                Good to know
                  - Nobody answers smtp at port 465.
                  - The password is one that the account's owner makes for one program at account.apple.com.
                  - For imap the userName may have to be the part before the @; for smtp it is the whole address.

                Where this comes from
                  - iCloud Mail server settings for other email client apps
                    https://support.apple.com/102525

                To start from
                  apiVersion: mailkeel/v1
                  kind: EmailAccount
                  metadata: { name: support-in }
                  spec:
                    type: imap
                    provider: icloud
                    userName: support@example.com
                    password: { fromEnv: MAIL_PASSWORD }

                """)
    }

    @Test func `one with OAuth has its values and offers`() throws {
        let shown = try Self.shown("google")
        #expect(
            shown.hasPrefix(
                """
                Google (provider: google, version 2)

                  grants                jwt_bearer, authorization_code
                  device flow           there is one, and it grants nothing for mail
                  client                create a client in a Google Cloud project; for mailboxes outside your organization it must be verified
                  PKCE                  supported
                  with a consent        access_type=offline, prompt=consent
                  unused refresh token  lives 180d
                  revoking a token      ends all consents of the same person and client [1]

                Values
                  issuer                   https://accounts.google.com
                  endpoints.token          https://oauth2.googleapis.com/token
                  endpoints.authorization  https://accounts.google.com/o/oauth2/v2/auth
                  endpoints.revocation     https://oauth2.googleapis.com/revoke [1]

                  type  server                  tokens by            passwords             connections  scopes
                  smtp  smtp.gmail.com:465 tls  XOAUTH2 OAUTHBEARER  made for one program  -            https://mail.google.com/
                  imap  imap.gmail.com:993 tls  XOAUTH2 OAUTHBEARER  made for one program  15           https://mail.google.com/
                  pop3  pop.gmail.com:995 tls   XOAUTH2 OAUTHBEARER  made for one program  -            https://mail.google.com/


                """))
    }

    /// A mark stands at the value that is not verified, where it is not verified, and the reason under its number.
    @Test func `what is not verified is marked so`() throws {
        let shown = try Self.shown("microsoft365")
        let lines = shown.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(
            lines.contains(
                "smtp smtp.office365.com:587 starttls XOAUTH2 being ended 3 https://outlook.office.com/SMTP.Send"))
        #expect(
            lines.contains(
                "imap partner.outlook.cn:993 tls [1] XOAUTH2 refused 20 [3] https://partner.outlook.cn/IMAP.AccessAsUser.All [2]"
            ))
        #expect(lines.contains("[1] the server in dod, china: the mail hosts are known from one other program only"))
        #expect(shown.contains("cloud: global (when none is named)\n") && shown.contains("cloud: china\n"))
        // What all clouds have in common is said once.
        #expect(lines.count { $0 == "- Nobody answers smtp at port 465." } == 1)
    }

    @Test(arguments: ProviderPreset.names)
    func `each is shown whole, in lines that stay within reason`(name: String) throws {
        let preset = try #require(ProviderPreset.named(name))
        let shown = try Self.shown(name)
        for cloud in preset.clouds {
            for server in cloud.servers.values { #expect(shown.contains("\(server.host):\(server.port)")) }
            if let token = cloud.tokenEndpoint { #expect(shown.contains(token)) }
        }
        for index in preset.unverified.indices { #expect(shown.contains("[\(index + 1)] ")) }
        for source in preset.sources { #expect(shown.contains(source.title)) }
        #expect(!shown.contains("  \n") && !shown.contains("\n\n\n"))
    }

    @Test func `colours add nothing but colours`() throws {
        let preset = try #require(ProviderPreset.named("zoho"))
        let colored = ProviderText(style: TextStyle(color: true)).render(preset)
        #expect(colored.replacing("\u{1B}[1m", with: "").replacing("\u{1B}[0m", with: "") == Self.text.render(preset))
    }

    @Test(arguments: ProviderPreset.names)
    func `machines get the same`(name: String) throws {
        let preset = try #require(ProviderPreset.named(name))
        let json = try JSON(parsing: preset.json.bytes())
        #expect(json == preset.json && json["name"] == .string(name) && json["version"] == .integer(preset.version))
        let clouds = try #require(json["clouds"]?.array)
        #expect(clouds.count == preset.clouds.count)
        for (cloud, known) in zip(clouds, preset.clouds) {
            #expect(cloud["servers"]?.array?.count == known.servers.count)
            #expect(cloud["endpoints"]?["token"]?.string == known.tokenEndpoint)
        }
        #expect(json["manifest"] == .string(preset.startingManifest))
    }

    @Test(arguments: ProviderPreset.names)
    func `the manifest to start from is in order`(name: String) throws {
        let preset = try #require(ProviderPreset.named(name))
        let loaded = Loaded(preset.startingManifest)
        #expect(loaded.diagnostics.allSatisfy { $0.severity == .note }, "\(loaded.messages)")
        let account = try #require(loaded.account("support-in"))
        #expect(account.type == .imap && account.preset?.preset.name == (preset.isGeneric ? nil : name))
        #expect(loaded.set.profiles.count == (preset.offersOAuth || preset.isGeneric ? 1 : 0))
    }
}

extension DocumentKind {
    /// A document of the kind, for the reference page. The tests load it.
    package var overview: String {
        switch self {
        case .emailAccount:
            """
            apiVersion: mailkeel/v1
            kind: EmailAccount
            metadata:
              name: support-in
              labels: { team: service-desk }
            spec:
              type: imap
              userName: support@contoso.com
              oauthProfile: m365
            """
        case .emailAccountSet:
            """
            apiVersion: mailkeel/v1
            kind: EmailAccountSet
            metadata: { name: branches }
            spec:
              key: site
              items:
                - { site: berlin, mailbox: berlin@contoso.com }
                - { site: lyon, mailbox: lyon@contoso.com }
              account:
                type: imap
                userName: ${item.mailbox}
                oauthProfile: m365
            """
        case .oauthProfile:
            """
            apiVersion: mailkeel/v1
            kind: OAuthProfile
            metadata: { name: m365 }
            spec:
              provider: microsoft365
              tenant: contoso.onmicrosoft.com
              grant: client_credentials
              client:
                id: 6d1f0c1e-0000-4000-8000-4a3f6c2b9d10
                secret: { fromEnv: M365_CLIENT_SECRET, version: "2026-11" }
                secretExpires: 2027-05-01
            """
        case .moved:
            """
            apiVersion: mailkeel/v1
            kind: Moved
            spec: { from: EmailAccount/support, to: EmailAccount/support-in }
            """
        case .removed:
            """
            apiVersion: mailkeel/v1
            kind: Removed
            spec: { address: EmailAccount/monitoring }
            """
        case .project:
            """
            apiVersion: mailkeel/v1
            kind: Project
            metadata: { name: contoso-mail }
            spec:
              variables:
                tenant: { default: contoso.onmicrosoft.com }
                client_secret: { sensitive: true }
              environments:
                test: { variables: { tenant: contosotest.onmicrosoft.com } }
                prod: {}
            """
        }
    }
}

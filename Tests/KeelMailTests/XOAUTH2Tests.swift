import KeelBase
import KeelMail
import Testing

@Suite struct XOAUTH2Tests {
    @Test func `the initial response is as Google and Microsoft document it`() throws {
        let google = try XOAUTH2(
            userName: "someuser@example.com",
            accessToken: Secret(copying: "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg"))
        #expect(
            google.initialResponse.revealText()
                == "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1sem"
                + "RHRXVZMjl0Q2cBAQ==")
        let microsoft = try XOAUTH2(
            userName: "test@contoso.onmicrosoft.com",
            accessToken: Secret(copying: "EwBAAl3BAAUFFpUAo7J3Ve0bjLBWZWCclRC3EoAA"))
        #expect(
            microsoft.initialResponse.revealText()
                == "dXNlcj10ZXN0QGNvbnRvc28ub25taWNyb3NvZnQuY29tAWF1dGg9QmVhcmVyIEV3QkFBbDNCQUFVRkZwVUFvN0ozVmUwYmpMQl"
                + "daV0NjbFJDM0VvQUEBAQ==")
    }

    @Test func `a user name need not be ASCII`() throws {
        let response = try XOAUTH2(userName: "jürgen", accessToken: Secret(copying: "t")).initialResponse
        #expect(Base64.decode(response.reveal()) == Array("user=jürgen\u{1}auth=Bearer t\u{1}\u{1}".utf8))
    }

    @Test func `it shows nothing of itself`() throws {
        let mechanism = try XOAUTH2(userName: "u", accessToken: Secret(copying: "CANARY"))
        var text = "\(mechanism)"
        dump(mechanism, to: &text)
        #expect(!text.contains("CANARY") && !text.contains(mechanism.initialResponse.revealText()))
    }
}

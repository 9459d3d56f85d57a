import FuzzDriver
import FuzzTalk
import KeelBase
import KeelMail

/// Any bytes as an SMTP server's side of a login, of a sender's trial, and of a message's way.
@main
struct Main {
    static func main() {
        let message = MailMessage(
            from: .init(address: "user@example.test", label: "A label"), recipient: "other@example.test",
            subject: "Test", text: ".\nTest\n", date: Timestamp(seconds: 0), messageID: "<1@x>")
        let talk = FuzzTalk([.none] + FuzzTalk.mechanisms, task: .submit(message)) {
            SMTPProbe($0, sender: "user@example.test")
        }
        FuzzDriver.main { talk.play($0) }
    }
}

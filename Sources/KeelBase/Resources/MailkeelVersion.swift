/// The version of this program.
package enum MailkeelVersion {
    package static let current = "0.1.0"
}

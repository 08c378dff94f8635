package cimi

// CIMI measures memory in kibibytes and storage in kilobytes (DSP0263 5.6);
// OpenStack has mebibytes and gibibytes. Storage is rounded down when it is
// shown, and up when it is asked for, so that values survive the way back.
const (
	kibiPerMebi  = 1024
	bytesPerKilo = 1000
	bytesPerMebi = 1 << 20
	bytesPerGibi = 1 << 30
)

// gibibytes gives the whole gibibytes that hold a capacity in kilobytes.
func gibibytes(kilobytes int64) int64 {
	return (kilobytes*bytesPerKilo + bytesPerGibi - 1) / bytesPerGibi
}

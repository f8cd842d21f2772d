package examine

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// maxMatched bounds what is looked through, in bytes.
const maxMatched = 64 << 10

// Matches tells whether in contains the text, equals it but for white space around both, or is matched by it, a regular
// expression (RE2).
func Matches(in io.Reader, kind, text string) (bool, error) {
	body, err := io.ReadAll(io.LimitReader(in, maxMatched))
	if err != nil {
		return false, err
	}
	_, _ = io.Copy(io.Discard, in) // so that whoever writes need not notice
	switch kind {
	case "contains":
		return bytes.Contains(body, []byte(text)), nil
	case "equals":
		return strings.TrimSpace(string(body)) == strings.TrimSpace(text), nil
	case "matches":
		pattern, err := regexp.Compile(text)
		return err == nil && pattern.Match(body), err
	}
	return false, fmt.Errorf("%q is no way to compare", kind)
}

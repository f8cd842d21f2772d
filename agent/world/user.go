package world

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// User is a line of passwd(5), as far as a login needs it.
type User struct {
	Name     string
	UID, GID uint32
	Home     string
	Shell    string
}

// LookupUser finds a user by name or number. To be called before the learner can write the file.
func LookupUser(passwd, nameOrUID string) (User, error) {
	f, err := os.Open(passwd)
	if err != nil && !os.IsNotExist(err) {
		return User{}, err
	}
	if err == nil {
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			field := strings.Split(lines.Text(), ":")
			if len(field) != 7 || (field[0] != nameOrUID && field[2] != nameOrUID) {
				continue
			}
			uid, errUID := strconv.ParseUint(field[2], 10, 32)
			gid, errGID := strconv.ParseUint(field[3], 10, 32)
			if errUID != nil || errGID != nil {
				continue
			}
			u := User{Name: field[0], UID: uint32(uid), GID: uint32(gid), Home: field[5], Shell: field[6]}
			if u.Shell == "" {
				u.Shell = "/bin/sh"
			}
			return u, nil
		}
	}
	if nameOrUID == "root" || nameOrUID == "0" { // an image from scratch has no passwd
		return User{Name: "root", Home: "/", Shell: "/bin/sh"}, nil
	}
	if uid, err := strconv.ParseUint(nameOrUID, 10, 16); err == nil { // an author's image need not know the learner
		return User{Name: "learner", UID: uint32(uid), GID: uint32(uid), Home: "/", Shell: "/bin/sh"}, nil
	}
	return User{}, fmt.Errorf("no user %q in %s", nameOrUID, passwd)
}

/**
 * The most used passwords of public leaks that are long enough for the schema, folded. A first line of defence against
 * guessing, not a dictionary: sign-in attempts are what must be limited.
 */
export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(
  `
  password password1 password12 password123 password1234 passw0rd p@ssw0rd p@ssword passwort passwort1 passwort123
  passwords 12345678 123456789 1234567890 0123456789 987654321 87654321 9876543210 11111111 111111111 1111111111
  00000000 000000000 22222222 55555555 66666666 77777777 88888888 99999999 12341234 123123123 12344321 11223344
  1122334455 112233445566 123456123 1234512345 12121212 123454321 147258369 159357456 789456123 741852963 1q2w3e4r
  1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx 1qaz2wsx3edc qwertyui qwertyuiop qwerty12 qwerty123 qwerty1234 qwerty12345
  qwerty123456 qwertz123 qwertzui qwertzuiop qazwsxedc zaq12wsx zaq1zaq1 asdfghjk asdfghjkl asdf1234 zxcvbnm1 zxcvbnm123
  q1w2e3r4 q1w2e3r4t5 1234qwer qwer1234 abcd1234 abc12345 abcd12345 a1b2c3d4 abcdefgh abcdefg1 aa123456 aa12345678
  a12345678 a123456789 azerty123 azertyuiop iloveyou iloveyou1 iloveyou2 princess princess1 sunshine sunshine1 football
  football1 baseball baseball1 basketball superman superman1 starwars trustno1 welcome1 welcome123 whatever computer
  internet michelle jennifer jordan23 charlie1 michael1 michael123 liverpool liverpool1 arsenal1 chelsea1 manchester
  barcelona corvette mustang1 maverick hello123 helloworld changeme changeme1 letmein1 letmein123 letmein! master123
  admin123 admin1234 administrator administrator1 default1 guest123 secret123 test1234 testtest testing123 user1234
  root1234 dragon123 monkey123 shadow123 killer123 pokemon1 pokemon123 naruto123 samantha alexander alexandra cheese123
  fuckyou1 blink182 myspace1 linkedin facebook instagram snoopy123 spiderman victoria november december september
  summer2024 summer2025 winter2024 winter2025 spring2025 autumn2025
`
    .trim()
    .split(/\s+/),
);

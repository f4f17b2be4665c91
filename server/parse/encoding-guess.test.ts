import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourceOf } from '../../test/helpers/read-tables.ts';
import { detectEncoding } from './encoding.ts';

const PAIRS = ['shift_jis', 'euc-jp', 'gb18030', 'big5', 'euc-kr'];
const tables = new Map<string, ReadonlyMap<string, readonly number[]>>();

/** `text` in a legacy encoding. */
function encode(text: string, label: string): Buffer {
  const table = tables.get(label) ?? tableOf(label);
  tables.set(label, table);
  return Buffer.from([...text].flatMap((character) => table.get(character) ?? assert.fail(`no ${character}`)));
}

/** What each byte, and each pair of bytes, means. */
function tableOf(label: string): ReadonlyMap<string, readonly number[]> {
  const decoder = new TextDecoder(label);
  const table = new Map<string, readonly number[]>();
  for (let first = PAIRS.includes(label) ? 255 : 0; first > 0x80; first--) {
    for (let second = 255; second >= 0x40; second--) {
      table.set(decoder.decode(Uint8Array.of(first, second)), [first, second]);
    }
  }
  for (let byte = 255; byte >= 0; byte--) table.set(decoder.decode(Uint8Array.of(byte)), [byte]);
  return table;
}

/** Made-up people in the languages of the encodings that are told apart. */
const TEXTS: readonly (readonly [labels: string, text: string])[] = [
  ['windows-1251 koi8-r iso-8859-5 ibm866', 'Имя,Город\nАнна Иванова,Москва\nПётр Сидоров,Новосибирск\n'],
  ['windows-1251 koi8-u iso-8859-5', 'Назва,Місто\nОлена Шевченко,Київ\nНаталія Бойко,Чернівці\n'],
  ['windows-1250 iso-8859-2', 'Imię,Miasto\nŁukasz Wiśniewski,Łódź\nMałgorzata Zając,Kraków\nPaweł Wróbel,Gdańsk\n'],
  ['windows-1250 iso-8859-2', 'Jméno,Město\nJiří Dvořák,Plzeň\nTomáš Černý,Třebíč\nŽaneta Růžičková,Ústí\n'],
  [
    'windows-1250',
    'Név,Város\nSzűcs Győző,Győr\nTóth Ágnes,Fűzfő\nKővári Jenő,Hőgyész\nBőhm Ernő,Dévaványa\nÖrkény Ödön,Pécs\n',
  ],
  ['windows-1254', 'Ad,Şehir\nAyşe Yılmaz,İstanbul\nMehmet Çelik,Diyarbakır\nGülşah Öztürk,Eskişehir\n'],
  ['windows-1257', 'Vardas,Miestas\nŠarūnas Žukauskas,Šiauliai\nRūta Petrauskaitė,Panevėžys\n'],
  ['windows-1253 iso-8859-7', 'Όνομα,Πόλη\nΓιώργος Παπαδόπουλος,Αθήνα\nΜαρία Νικολάου,Θεσσαλονίκη\n'],
  ['windows-1255', 'שם,עיר\nדוד כהן,תל אביב\nרחל לוי,ירושלים\n'],
  ['windows-1256', 'الاسم,المدينة\nمحمد الأحمد,القاهرة\nفاطمة حسن,الإسكندرية\n'],
  ['windows-874', 'ชื่อ,เมือง\nสมชาย ใจดี,กรุงเทพ\nสุดา แสงทอง,เชียงใหม่\n'],
  ['shift_jis euc-jp', '氏名,住所\n山田太郎,東京都千代田区\n佐藤花子,大阪府大阪市\n'],
  ['shift_jis euc-jp', 'フリガナ,メモ\nヤマダ タロウ,これはテストです\n'],
  ['gb18030', '姓名,地址\n王小明,北京市朝阳区\n李丽华,上海市浦东新区\n'],
  ['big5', '姓名,地址\n陳小明,台北市中正區\n林美惠,高雄市前鎮區\n'],
  ['euc-kr', '이름,주소\n김민수,서울특별시 강남구\n이영희,부산광역시 해운대구\n'],
  ['windows-1252 macintosh', 'Prénom,Ville\nRené Lefèvre,Béziers\nHélène Gérard,Orléans\nFrançois Côté,Besançon\n'],
  ['windows-1252 macintosh', 'Name,Straße\nJürgen Groß,Königstraße\nKäthe Müller,Mühlenweg\nSören Weiß,Löwengasse\n'],
  ['windows-1252', 'Nafn,Staður\nÞórður Jónsson,Akureyri\nGuðrún Ólafsdóttir,Reykjavík\n'],
];

for (const [labels, text] of TEXTS) {
  for (const label of labels.split(' ')) {
    test(`${label} is known by its letters: ${text.split('\n')[1]}`, async () => {
      for (const chunkBytes of [7, 65_536]) {
        const bytes = encode(text, label);
        const { label: found, confidence } = await detectEncoding(sourceOf(bytes, chunkBytes));
        // Two encodings that give the same text are equally right.
        assert.equal(new TextDecoder(found).decode(bytes), text, found);
        assert.ok(confidence! >= 0 && confidence! <= 1);
      }
    });
  }
}

test('a few characters, or signs alone, are Windows-1252', async () => {
  for (const text of ['Müller', 'Niccolò,Forlì', '5 €,“x”', '20 °C\n5 µm\n£30', '© 2020\n® x\n™ y', 'Þór,Bjørn,José']) {
    assert.equal((await detectEncoding(sourceOf(encode(text, 'windows-1252')))).label, 'windows-1252', text);
  }
});

test('names of many countries together are Windows-1252', async () => {
  const names =
    'José Müller François Åsa João Zoë Renée Núñez Groß Bjørn Håkon Søren Çelik Þór Niccolò Élodie Ângela Öberg'.split(
      ' ',
    );
  let state = 7;
  const random = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state;
  };
  for (let run = 0; run < 300; run++) {
    const text = Array.from({ length: 2 + (run % 20) }, () => names[random() % names.length]).join('\n');
    assert.equal((await detectEncoding(sourceOf(encode(text, 'windows-1252')))).label, 'windows-1252', text);
  }
});

test('endless bytes without a word, and words cut by chunks, are looked at in no time', async () => {
  const bytes = Buffer.alloc(4 << 20, 0xe9);
  assert.equal((await detectEncoding(sourceOf(bytes))).label, 'windows-1252');
});

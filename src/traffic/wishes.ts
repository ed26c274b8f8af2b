// How customers say what they want: `{…}` is filled in. Several words for everything, and the same words for several
// things, so that no keyword decides. `{order}` is "order W48210", "my order" or, once it has been spoken of, "that order".

export const WISHES = {
  /** By what the customer wants if the parcel is lost, where they say so. */
  tracking: {
    open: [
      'where is {order}?',
      '{order} still has not arrived, what is going on?',
      'any news about {order}? I have been waiting for days',
      'could you see when {order} gets here',
      'I would like to know how far {order} has come',
    ],
    money: [
      'where is {order}? If it is gone, just pay me back',
      '{order} has not arrived and I do not need it any more. If it is lost, I want the money',
      'I have been waiting for {order} for weeks. If you cannot find it, refund me',
    ],
    goods: [
      'where is {order}? I need the {product} on Saturday, so send it again if it is gone',
      'any news about {order}? If it is lost, I want the {product} all the same',
      '{order} has not arrived. If you cannot find it, please post the {product} once more',
    ],
  },
  parcel: [
    'where is my parcel {tracking}?',
    'could you see when {tracking} gets here',
    'the mail says {tracking}, but nothing has arrived. What is going on?',
    'any news about the parcel {tracking}?',
  ],
  damaged: {
    open: [
      '{order} came broken, the {product} is torn',
      'what arrived with {order} is damaged and unusable',
      'the {product} from {order} was smashed when I opened the box',
      'I unpacked {order} today and the {product} is cracked all over',
    ],
    money: [
      '{order} came broken and I want the money back',
      'the {product} from {order} is damaged. Pay me back, please',
      'what arrived with {order} is torn, I do not need it any more. Refund me',
    ],
    goods: [
      '{order} came broken, please send the {product} again',
      'the {product} from {order} is damaged and I need a good one',
      'what arrived with {order} is torn, I want one that is whole',
    ],
  },
  returning: [
    'the {product} from {order} is {reason}, I want to send it back',
    'can I give back {order}? The {product} is {reason}',
    'the {product} that came with {order} turned out {reason}. How do I get rid of it?',
    'I do not want to keep {order}, the {product} is {reason}',
  ],
  exchanging: [
    'the {product} from {order} is {reason}, I would rather have the {other}',
    'can I swap the {product} from {order} for the {other}? It is {reason}',
    'I want to send back the {product} from {order} and get the {other}: it is {reason}',
    'what came with {order} is {reason}. Could you send the {other} for it',
  ],
  cancelling: [
    'please stop {order}, I changed my mind',
    'I bought the wrong thing, can {order} be called off',
    'cancel {order} for me',
    'do not send {order} any more, I found the {product} elsewhere',
  ],
  moving: [
    'I moved house. Can {order} go to {address} instead?',
    '{order} should be delivered to {address}',
    'you have the wrong address for {order}, it must be {address}',
    'could you send {order} to my office, {address}',
    'I am away that week, bring {order} to my sister: {address}',
    'we live at {address} now, that is where I want {order}',
  ],
  voucher: [
    'I forgot my code {code} on {order}',
    'can you still use {code} for {order}',
    'please take {code} off {order}',
    '{order} should have had the discount {code}',
    'I have {code} from your mail, does {order} get cheaper with it?',
    'there was no place for {code} when I paid for {order}',
  ],
  invoice: [
    'I need the bill for {order}, please mail it to {email}',
    'could you send the invoice of {order} to {email}',
    'my accountant wants a receipt for {order}, the address is {email}',
    'no invoice came with {order}. Send it to {email}?',
    'for my taxes I want something in writing on {order}, to {email}',
    'where is the paper with the price of {order}? I would like it at {email}',
  ],
  price: [
    'what does {product} cost?',
    'how much is {product}',
    'I am looking for {product}, what do you want for it',
    'I saw {product} elsewhere. What is the price at yours',
  ],
  stock: [
    'do you have {product}?',
    'I am looking for {product}, is it to be had',
    'is {product} still available?',
    'can I get {product} from you this week',
  ],
  another: [
    'can I get another {product}, the same as in {order}?',
    'do you still have the {product}, as in {order}? My sister wants one too',
    'is the same {product} as in {order} still available',
    'I would like a second {product} like the one of {order}',
  ],
  reserving: [
    'please put {product} aside for me',
    'can you keep {product} for me until Friday?',
    'I want to pick up {product} this week, hold it for me',
    'could you reserve {product}',
  ],
} as const;

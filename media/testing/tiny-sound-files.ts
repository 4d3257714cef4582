/** Very small files of sound for tests, made by us with ffmpeg. */

/** 8 kHz, two channels of 768 samples in three frames: 440 Hz, right with a weaker 1000 Hz in it. */
export const tinyFlac: Uint8Array<ArrayBuffer> = Uint8Array.from(
  Buffer.from(
    'ZkxhQ4AAACIBAAEAAAG5AAILAfQDcAAAAwCdCOQeD6PthB6sqRMMPu6S//iEjABgRgAAAADd/gGhvgI0GOWcA7LiYlPOmgNnFHHFCkIhLSRL' +
      'T9WhBBhwgorOWk957SY8pAg4QUZnek0k9pd2hghwQ47kf5rxLS/nmFHHDFFTjXkmltflMKEFDlGVSXllvP3aYQYMIFKRi1klmvfNuYKKFEGU' +
      'p+mlmvLm1MEGCiDs7UmrGrLvVKEFDCDlZaXkiXvbkkFGCDiCphLyz3l21nFHHFCkIhLSRLT9WhBBhwgorOWk957SY8pAg4QUZnek0k9qMAAA' +
      'A/8YS/9cKf/GE3MV8UL9VNfEJQKSLIV7tXUqJFkK92pkYEiiFSQq6lRIunTkKmRk+WQrSFHA0fLIVpCjgaPl06chUyMny6dOQqZGT5ZCtIUc' +
      'DIkTRLyFLIsJFkK92pkYEiaJi7UyMCRNI3ar5mT5dOnIVMjJ8shWkKWRYSLp05CrqVEiyFe7UyMCRNExdqZGBImiYu1dSokWQr3aupUSLIV7' +
      'tTIwJE0S8hRwMiRRCpIVMjJ8shWkKOBo+WQNWrGxUSLIV7tXUqJFkK92pkYEiiFSQq6lRIunTkKmRk+WQrSFHA0fLIVpCjgaPl06cBOL//iE' +
      'jAFnTAE7uAHrlwJhVgKPCQJvSAIF1gFfKOWZ8rxQXyudyE0ACx+90DLavrp3Oy4yOTEtdK1PmosrWzpv2fK+JzM3NC1+qQ+KWwtLWnotWJyT' +
      'GRsbGD5mi50dha2Vh+5YmxEYmxuYEjNGz/19lb1tNxydXpkZnBiUNU6/5W2NtX1HTPvfFpmdl5a3VrPNZYW9fV+NOt2VGhwZFr1Uj+Utja2V' +
      'X90Y3ROZG5oXvmSfjT11raV3zjkakpkbmhkQNUfCjrbS1rqPji6kJiZnJeUM0zP3YWNtX03PNxfF5mcGBU2UrflXY3NbV9dO52XGRyYlrpWp' +
      '81Fla2dN+z5XxOZm5oWv1SHxS2Fpa09FqxOSYyNjYwfMyMAAAA/8YTf9cKf/GE3MV8UL9VNfEJQK+XTpyFTIyfLIVpCjgZEiaJeQpZFhIshX' +
      'u1MjAkTRMXamRgSJpG7VfMyfLp05CpkZPlkK0hSyLCRdOnIVdSokWQr3amRgSJomLtTIwJE0TF2rqVEiyFe7V1KiRZCvdqZGBImiXkKOBkSK' +
      'IVJCpkZPlkK0hRwNHyyBq1Y2KiRZCvdq6lRIshXu1MjAkUQqSFXUqJF06chUyMnyyFaQo4Gj5ZCtIUcDR8unTkKmRk+XTpyFTIyfLIVpCjgZ' +
      'EiaJeQpZFhIshXu1MjAkTRMXamRgSJpG7VfMyfLp04Axj//4hIwCbkwCKVYCf5MCijECR+4BwJ8BBEYAKSblmfm6Wmy7dCiTn8cf3FAzi7rv' +
      'u3U8Ljg+OjQgZJ+1ZZ31vafumlsWGx+dG5G1R86myvri2o+mJmVmIhOTkmcoN9NX3tzbU/fFyJjE9PTcubKV9DYXV5aV3jPvIjA8Oz0pIkyj' +
      '9XXVxd1n7VrfFh4dHxYSLEvurtry4sv3DS4LjUQHJsQNk/SqtL24taHnlalZoIDo4JWyDjU19/b29J3xMSgxPzs4KXKRhR2VvfWdb0z8SMyP' +
      'D42MHSlb/sbWQWdf507X5geHR6XECxT8qrq4u677t1PC44Pjo0IGSftWWd9b2n7ppbFhsfnRuRtUfOpsr64tqPpiZlZiITk5JiMAAAA/8YTf' +
      '9cKf/GE3MV8EMBVM/ELQK6ZVIXqmdAQMpO3q+H4gYVI26+dIQKrkrdfOkIFVyVuxh+IGFSNuxh+IGFSNuvnSECq5G9T1piBZV69WzpnTKpC9' +
      'T1qHTKxSvbwfEDCpG3Yw/EDCpG3XzpCBZV69Xw/EDKTt6tnTOmVSF6nrUOmVSF6nrUOmknb1bOmdNJO3q2dM6ZVIXqetMQKrkb1TOgIGFSNu' +
      'vnSECq5K3XzpCBVgrXtZUzppJ29WzpnTKpC9UzoCBlJ29Xw/EDCpG3XzpCBVclbr50hAquSt2MPxAwqRt2MPxAwqRoDb',
    'base64',
  ),
);

/** 8 kHz, one channel of 440 Hz, 0.4 s at 8 kbit/s, behind LAME's first frame. */
export const tinyMp3: Uint8Array<ArrayBuffer> = Uint8Array.from(
  Buffer.from(
    '/+M4wAAAAAAAAAAAAEluZm8AAAAPAAAACAAAAxgAXV1dXV1dXV1dXV1ddHR0dHR0dHR0dHR0i4uLi4uLi4uLi4uLi6KioqKioqKioqKiorq6' +
      'urq6urq6urq6urrR0dHR0dHR0dHR0dHo6Ojo6Ojo6Ojo6Ojo////////////////AAAAAExhdmYgbGFtZQAAAAAAAAAAAAAAACQDQAAAAAAA' +
      'AAMYzuAo0AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/+MYxAAK8AbVuUEAAv9HcNtgBg+D4PvUCAIH' +
      'IPg+fxOD4PoggcRB8H34IOu/wxwG/SGOXfznT7ulJoc4WcQ3/GVEJRyhC3+D/+MYxA8QmUKQAZRQAG8H6ge5ABlxEnAPiYDmR1gd6mHvgGgC' +
      'QCorCKC6//IR6KpEPh8ab//5CgNCUJA1/4lOg0r//////////+MYxAcOaKY8Ad4AAP/////40iEYA4ASSQXAKMCsF4wfwajCHFKMQulwxvhN' +
      'jDbBaMD0D4FAXiEAMDAKoSW07dP//vgSpVAg/+MYxAgNqKYsAFa8YCmJFGfQGycnl9GIANucd+h5p+CpmGqC8YJQC5QA8gRBoACAVL6x////' +
      '3+U///9a/1//fGMDIYEAAdcF/+MYxAwO6KYsAKewgIIBpyIHmpGIyKqc5FMpq8iHmHkCsYMoFpgYARG6RjOX8Urx///Z/v9P////////Rf//' +
      '/////////////+MYxAsOWKY4AV4AAPlaM4YAW6q8TAMBcMHYEYwYBKDFHwUMOcb4xIAljB+BsBwLggASMB4A4BAALdvq//+WTc/G8u1cf//j' +
      '/+MYxAwPGQqgAZk4AJFH8g2zNVr/wycucJZeIQxKgWTfWGZib/ALCwSDQdJjpEohy/4+cQQFyaGfwgA2uTXGly5dbVq21Vpi/+MYxAoM0Lno' +
      'AcwAAXruHRk7AdGRkfQiCDVOAKAU1HICQjLySZPSytW80urCCngrwUVw7wr8VUxBTUUzLjEwMFVVVVVVVVVV',
    'base64',
  ),
);
